//! The key of the endpoint. It is in an environment variable, and goes into one header; it has no
//! `Debug` and no `Display`, so that it cannot get into a log by mistake.

/// What the endpoint knows its customer by.
pub(crate) struct Key(String);

impl Key {
    /// The key in this variable. What is wrong is said without it.
    pub(crate) fn from_env(variable: &str) -> peak::Result<Self> {
        let wrong = |what: &str| peak::Error::msg(format!("the variable `{variable}` {what}"));
        let key = std::env::var(variable)
            .map_err(|_| wrong("is not set: `key_env` says that the key is in it"))?;
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("has no key in it: a key is one word of ASCII"));
        }
        Ok(Self(key.to_owned()))
    }

    /// The value of the header `Authorization`.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// The text without the key: a server may well repeat it when it complains.
    pub(crate) fn hide_in(&self, text: &str) -> String {
        text.replace(&self.0, "…")
    }
}
