-- Prosody 0.12 (Debian 12) for agents. Run it with `prosody -F --config prosody.cfg.lua`; see ../README.md.
--
-- Nothing here has to be edited: what differs from machine to machine is read from the environment, or else
-- from lines such as PEAK_DOMAIN=example.org in a file `peak.env` beside this one.
--
--   PEAK_DOMAIN                 the domain of the agents' addresses                    localhost
--   PEAK_INTERFACES             where clients connect: addresses, commas between       127.0.0.1   (all: *)
--   PEAK_PORT                   port for clients, STARTTLS                             5222
--   PEAK_TLS_PORT               port for clients that begin with TLS                   5223
--   PEAK_TLS                    required; optional: offered; off: no encryption        required
--   PEAK_CERTIFICATE, PEAK_KEY  files; else the folder `certs` beside this file is searched
--   PEAK_DATA                   folder of the accounts                                 Prosody's own
--   PEAK_REGISTRATION           who may make accounts: loopback, private or closed     loopback
--   PEAK_SCRAM_HASH             SHA-256; SHA-1 for clients that know nothing newer     SHA-256
--   PEAK_ARCHIVE                on: messages are kept for a week                       off
--   PEAK_COMPONENT              domain of the component                                agents.PEAK_DOMAIN
--   PEAK_COMPONENT_SECRET, or PEAK_COMPONENT_SECRET_FILE: without one there is no component
--   PEAK_COMPONENT_INTERFACES   where components connect                               127.0.0.1
--   PEAK_COMPONENT_PORT                                                                5347
--   PEAK_STORAGE                internal (files), sqlite, mysql or postgresql          internal
--   PEAK_SQL_DATABASE, _HOST, _PORT, _USER, and _PASSWORD or _PASSWORD_FILE
--   PEAK_PLUGINS                folder of mod_peak_pubsub.lua and mod_peak_resume.lua  `modules` beside this file
--   PEAK_LOG_LEVEL              debug, info, warn or error                             info

-- Prosody 0.12 has Lua's own functions as they are; its successor has them behind this name.
local Lua = Lua or _G;

-- prosodyctl is called from shells that know nothing of the service's environment: it needs the file.
local beside = {};
local file = Lua.io.open(CFG_CONFIGDIR.."/peak.env");
if file then
	for line in file:lines() do
		local name, value = line:match("^%s*(PEAK_[%u_]+)=(.-)%s*$");
		if name then
			beside[name] = value;
		elseif not line:match("^%s*#") and not line:match("^%s*$") then
			Lua.error("peak.env: not a line such as PEAK_DOMAIN=example.org: "..line, 0);
		end
	end
	file:close();
end

-- A variable that is set to nothing counts as not set: compose files write it so.
local function setting(name, default)
	local value = Lua.os.getenv("PEAK_"..name) or beside["PEAK_"..name];
	if value == nil or value == "" then return default; end
	return value;
end

local function one_of(name, default, ...)
	local value = setting(name, default);
	for _, allowed in Lua.ipairs({ ... }) do
		if value == allowed then return value; end
	end
	Lua.error("PEAK_"..name.." is "..value..", but must be one of: "..Lua.table.concat({ ... }, ", "), 0);
end

local function port(name, default)
	local value = setting(name, default);
	local number = Lua.tonumber(value);
	if not number or number % 1 ~= 0 or number < 1 or number > 65535 then
		Lua.error("PEAK_"..name.." is "..value..", but must be a port from 1 to 65535", 0);
	end
	return { number };
end

local function list(name, default)
	local items = {};
	for item in setting(name, default):gmatch("[^%s,]+") do
		Lua.table.insert(items, item);
	end
	return items;
end

-- A secret itself, or the first line of the file that holds it.
local function secret(name)
	local value, path = setting(name), setting(name.."_FILE");
	if value or not path then return value; end
	local held, problem = Lua.io.open(path);
	if not held then Lua.error("PEAK_"..name.."_FILE: "..problem, 0); end
	value = held:read("l");
	held:close();
	if value == nil or value == "" then
		Lua.error("PEAK_"..name.."_FILE: "..path.." begins with an empty line", 0);
	end
	return value;
end

local domain = setting("DOMAIN", "localhost");
local tls = one_of("TLS", "required", "required", "optional", "off");
local registration = one_of("REGISTRATION", "loopback", "loopback", "private", "closed");
local archive = one_of("ARCHIVE", "off", "on", "off") == "on";
local stored = one_of("STORAGE", "internal", "internal", "sqlite", "mysql", "postgresql");

-- Nobody is administrator. Where anybody may register, whoever comes first could take such an address.
admins = {}

local modules = {
	"roster"; "saslauth"; "disco"; -- a server without these is none
	"carbons"; "pep"; "private"; "blocklist"; "vcard_legacy"; -- what chat clients expect
	"version"; "uptime"; "time"; "ping";
	"register"; -- accounts, and changes of the password
	"smacks"; -- a connection that breaks is resumed, and nothing is lost
	"peak_resume"; -- also if it breaks within a stanza; of the folder beside this file
}
if tls ~= "off" then Lua.table.insert(modules, "tls"); end
if archive then Lua.table.insert(modules, "mam"); end
modules_enabled = modules

modules_disabled = {
	-- No other servers. To talk to them, remove these two, have a certificate that others trust, and open
	-- port 5269. Then also think of who may register, and remember that rooms are open to all who reach them.
	"s2s"; "s2s_auth_certs";
	-- Without this a message to an agent that is not there goes back to its sender as an error. With it the
	-- message would be kept for the day the agent comes, and the sender would believe it has arrived.
	"offline";
}

plugin_paths = { setting("PLUGINS", CFG_CONFIGDIR.."/modules") }
data_path = setting("DATA")
-- So that prosodyctl finds the server, to have it read a renewed certificate. In the folder of the data.
pidfile = "prosody.pid"

-- The console: whatever started the server (systemd, Docker, a terminal) keeps the lines.
log = { { levels = { min = setting("LOG_LEVEL", "info") }, to = "console" } }

-- Connections ----------------------------------------------------------------------------------------------

interfaces = list("INTERFACES", "127.0.0.1")
c2s_ports = port("PORT", "5222")
c2s_direct_tls_ports = tls ~= "off" and port("TLS_PORT", "5223") or {}

component_interfaces = list("COMPONENT_INTERFACES", "127.0.0.1")
component_ports = port("COMPONENT_PORT", "5347")

network_settings = {
	-- Small packets go out at once. Otherwise an acknowledgement (XEP-0198) costs some 40 ms.
	nagle = false;
	-- Hundreds of agents of a deployment connect within the same second.
	tcp_backlog = 1024;
}

-- There are no limits of bytes per second: mod_limits is not enabled. An agent that floods is one of ours.

smacks_hibernation_time = 600 -- seconds in which an agent may come back
-- An acknowledgement is asked for after so many stanzas, and not after each: that is a quarter of a round trip.
smacks_max_unacked_stanzas = 64
smacks_max_queue_size = 10000 -- what may be unacknowledged before a connection can no longer be resumed

-- Passwords and encryption ---------------------------------------------------------------------------------

local certificate = setting("CERTIFICATE");
if certificate then
	ssl = { certificate = certificate; key = setting("KEY") }
	-- Where Prosody looks for more. Without it, it misses the folder that is not needed.
	certificates = certificate:match("^(.*)/") or "."
end
tls_profile = "intermediate" -- TLS 1.2 and 1.3

-- PLAIN is never offered outside TLS, whatever this says.
c2s_require_encryption = tls == "required"

authentication = "internal_hashed"
-- Prosody stores one hash of each password, and so offers one kind of SCRAM. Change it only while there are
-- no accounts: a stored SHA-256 cannot be turned into a SHA-1.
password_hash = one_of("SCRAM_HASH", "SHA-256", "SHA-256", "SHA-1")
-- The rounds slow down whoever has stolen the accounts and tries out passwords. But each client computes
-- them at each login too, and so does the server at each registration and login with PLAIN: with Prosody's
-- 10 000 a thousand agents pay a thousand times. 4096 is the least that RFC 7677 allows, and enough for
-- passwords that are random, as those of programs are. For people's passwords take 10 000 or more.
default_iteration_count = 4096

-- Who may register -----------------------------------------------------------------------------------------

-- "register" above also lets those who have an account change its password; that stays when this is closed.
--   loopback   only this machine. The default: whoever can run programs here is trusted.
--   private    also the networks 10/8, 172.16/12, 192.168/16 and fd00::/8. Behind Docker's or any other
--              address translation everybody seems to come from such a network: publish no port then.
--   closed     nobody. Accounts are made with `prosodyctl adduser NAME@DOMAIN`.
-- Those who may are not slowed down, so that a deployment can make all its accounts at once.
allow_registration = registration ~= "closed"
allowlist_registration_only = true
registration_allowlist = { "127.0.0.0/8"; "::1" }
if registration == "private" then
	for _, network in Lua.ipairs({ "10.0.0.0/8"; "172.16.0.0/12"; "192.168.0.0/16"; "fd00::/8" }) do
		Lua.table.insert(registration_allowlist, network);
	end
end

-- Storage --------------------------------------------------------------------------------------------------

if stored == "internal" then
	storage = "internal"
else
	-- Needs the package lua-dbi-sqlite3, lua-dbi-mysql or lua-dbi-postgresql.
	storage = "sql"
	if stored == "sqlite" then
		sql = { driver = "SQLite3"; database = setting("SQL_DATABASE", "prosody.sqlite") }
	else
		sql = {
			driver = stored == "mysql" and "MySQL" or "PostgreSQL";
			database = setting("SQL_DATABASE", "prosody");
			host = setting("SQL_HOST", "127.0.0.1");
			port = Lua.tonumber(setting("SQL_PORT"));
			username = setting("SQL_USER", "prosody");
			password = secret("SQL_PASSWORD");
		}
	end
end

-- The archive: every message is written for each of its two sides, which made a flood of messages four times
-- slower. It is for debugging with a chat client, and for those who must be able to show what was said.
default_archive_policy = true
archive_expires_after = "1w"

-- Domains --------------------------------------------------------------------------------------------------

VirtualHost(domain)

-- Communities of agents: anybody may make a room; it is public, usable at once, and forgets.
Component("conference."..domain) "muc"
	name = "Rooms"
	restrict_room_creation = false
	muc_room_locking = false
	muc_room_default_public = true
	muc_room_default_persistent = false
	-- Members see each other's addresses, and can answer outside the room.
	muc_room_default_public_jids = true
	muc_room_default_history_length = 0
	max_history_messages = 0
	-- The name of a room that was destroyed is free again.
	muc_tombstones = false
	-- Beyond this rooms are written to disk and read again whenever somebody speaks in them.
	muc_room_cache_size = 10000
	modules_enabled = { archive and "muc_mam" or nil }

-- Anybody with an address of this server may make nodes, also by publishing or subscribing, and publish.
Component("pubsub."..domain) "pubsub"
	name = "Publish and subscribe"
	autocreate_on_publish = true
	autocreate_on_subscribe = true
	expose_publisher = true
	modules_enabled = { "peak_pubsub" }

-- A program that speaks for every address of one domain (XEP-0114): thousands of agents on one connection.
-- Whoever knows the secret is all of them, so there is none that this file brings along.
local shared_secret = secret("COMPONENT_SECRET");
if shared_secret then
	Component(setting("COMPONENT", "agents."..domain))
		name = "Agents"
		component_secret = shared_secret
end
