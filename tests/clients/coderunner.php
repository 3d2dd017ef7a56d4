<?php
// Runs programs by CodeRunner's own sandbox class, which lies unchanged in the folder of the first argument.
// Standard input is a JSON list of runs: language, source, input, files (name to base64) and params.
// Usage: CODERUNNER_JOBE_HOST=HOST:PORT CODERUNNER_JOBE_APIKEY=KEY php coderunner.php FOLDER

define('MOODLE_INTERNAL', true);
$CFG = (object) ['libdir' => __DIR__ . '/moodle', 'tempdir' => sys_get_temp_dir() . '/coderunner', 'prefix' => 'mdl_'];

require __DIR__ . '/moodle/constants.php';
require "$argv[1]/sandbox.php";
require "$argv[1]/jobesandbox.php";

$sandbox = new qtype_coderunner_jobesandbox();
$answers = ['languages' => $sandbox->get_languages(), 'results' => []];
foreach (json_decode(stream_get_contents(STDIN), true) as $run) {
    $files = $run['files'] ? array_map('base64_decode', $run['files']) : null;
    $answers['results'][] = $sandbox->execute($run['source'], $run['language'], $run['input'], $files, $run['params']);
}
echo json_encode($answers, JSON_THROW_ON_ERROR), "\n";
