<?php
// Of CodeRunner's constants only the one that its sandbox class reads.

namespace qtype_coderunner;

class constants {
    const JOBE_HOST_DEFAULT = 'jobe2.cosc.canterbury.ac.nz';
}
