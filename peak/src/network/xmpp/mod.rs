//! Agents on XMPP servers: the seam as stanzas.

mod stanza;
