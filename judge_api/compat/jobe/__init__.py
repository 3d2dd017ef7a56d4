"""The API of Jobe: ``/jobe/index.php/restapi``. Moodle's CodeRunner sends its runs to it."""
