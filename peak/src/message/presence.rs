//! Presence: whether an agent is there, and how (RFC 6121).

/// How an agent shows itself to others (RFC 6121, section 4.7.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Show {
    /// It is there.
    #[default]
    Available,
    /// It would like to talk.
    Chat,
    /// It is away for a short time.
    Away,
    /// It is away for a long time.
    ExtendedAway,
    /// It does not want to be disturbed.
    DoNotDisturb,
}

/// How an agent is: what it shows, in a word and in a line of text, and how gladly it takes what
/// is sent to its bare address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Presence {
    /// In a word.
    pub show: Show,
    /// In a line of text.
    pub status: Option<String>,
    /// Among several sessions of one account, a message to the bare address goes to the highest;
    /// a negative one takes none.
    pub priority: i8,
}

impl Presence {
    /// Available, with priority 0.
    pub fn available() -> Self {
        Self::default()
    }

    /// With this word.
    #[must_use]
    pub fn show(mut self, show: Show) -> Self {
        self.show = show;
        self
    }

    /// With this line of text.
    #[must_use]
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// With this priority.
    #[must_use]
    pub fn priority(mut self, priority: i8) -> Self {
        self.priority = priority;
        self
    }
}
