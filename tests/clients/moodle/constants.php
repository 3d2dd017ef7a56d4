<?php
// The only constant of CodeRunner that CodeRunner's sandbox class reads.

namespace qtype_coderunner;

class constants {
    const JOBE_HOST_DEFAULT = 'jobe2.cosc.canterbury.ac.nz';
}
