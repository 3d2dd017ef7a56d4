"""The API of Jobe, the server that Moodle's CodeRunner sends its runs to: ``/jobe/index.php/restapi``."""
