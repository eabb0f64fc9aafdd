-- Lets every address of this server make nodes and publish to them.
--
-- Prosody's publish-subscribe component leaves that to administrators, even with autocreate_on_publish. Who
-- makes a node on purpose is its owner and sets its access; a node that came to be by a publication or a
-- subscription has no owner and is open to all.

local jid_host = require "util.jid".host;

local service = module:depends("pubsub").service;
local affiliation = service.config.get_affiliation;

local function makes_a_node(node, action)
	return (action == "create" or action == "publish") and not service.nodes[node];
end

function service.config.get_affiliation(jid, node, action)
	if makes_a_node(node, action) and prosody.hosts[jid_host(jid)] then
		return "owner";
	end
	return affiliation(jid, node, action);
end

service.node_defaults.publish_model = "open";
