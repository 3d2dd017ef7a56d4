// Runs leetcode-cli as published. Its own settings name the server. Its own calls submit, run and list.
// Usage: HOME=<folder with .lc/config.json> node leetcode_cli.js <act> <key> <JSON of the problem>
'use strict';
const lib = process.env.LEETCODE_CLI + '/lib/';
const file = require(lib + 'file');
const config = require(lib + 'config');
const cache = require(lib + 'cache');
const session = require(lib + 'session');

require(lib + 'chalk').init();
require(lib + 'icon').init();
require(lib + 'log').init();
file.init();
config.init();
cache.init();
const plugin = require(lib + 'plugins/leetcode');
plugin.init();
session.saveUser({name: 'ada', sessionId: process.argv[3], sessionCSRF: 'token-of-the-test'});

plugin[process.argv[2]](JSON.parse(process.argv[4]), (error, answer) => {
  console.log(JSON.stringify({error, answer}));
});
