<?php
// Stands in for the part of Moodle that CodeRunner's jobesandbox.php calls: settings, texts, and the class curl.

class coding_exception extends Exception {
}

function get_config($plugin, $name) {
    return getenv('CODERUNNER_' . strtoupper($name)) ?: null;
}

function get_string($name, $component) {
    return $name;
}

function make_temp_directory($name) {
    global $CFG;
    @mkdir("$CFG->tempdir/$name", 0700, true);
}

class curl {
    public $info = [];
    private $headers = [];

    public function setopt($options) {
    }

    public function setHeader($headers) {
        foreach ($headers as $header) {
            $this->headers[strtok($header, ':')] = $header;
        }
    }

    public function get($url) {
        return $this->send('GET', $url, null);
    }

    public function post($url, $body) {
        return $this->send('POST', $url, $body);
    }

    public function put($url, $body) {
        return $this->send('PUT', $url, $body);
    }

    private function send($method, $url, $body) {
        $http = ['method' => $method, 'header' => array_values($this->headers), 'ignore_errors' => true, 'timeout' => 100];
        if ($body !== null) {
            $http['content'] = $body;
        }
        $answer = file_get_contents($url, false, stream_context_create(['http' => $http]));
        $this->info = ['http_code' => (int) explode(' ', $http_response_header[0])[1]];
        return $answer;
    }
}
