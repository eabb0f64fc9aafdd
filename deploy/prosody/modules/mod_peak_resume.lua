-- A session that is resumed on a new connection goes on reading with the parser of the old one (seen with
-- Prosody 0.12.3). If that was cut within a stanza, the next one is "not well-formed", and the session is lost
-- after all. The parser belongs to the connection: this hands it over with it.

module:hook("smacks-hibernation-end", function (event)
	event.resumed.data = event.origin.data;
end);
