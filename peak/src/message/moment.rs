//! Moments as FIPA writes them: `20260801T120000000Z` (SC00070).

use std::time::SystemTime;

/// The moment of a text in UTC; `None` if it is another text, or before 1970.
pub(crate) fn fipa(text: &str) -> Option<SystemTime> {
    let digits = text.strip_suffix('Z')?;
    if digits.len() != 18 || !digits.is_ascii() {
        return None;
    }
    let part = |from: usize, to: usize| &digits[from..to];
    let date = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8));
    let clock = format!("{}:{}:{}", part(9, 11), part(11, 13), part(13, 15));
    (part(8, 9) == "T").then_some(())?;
    humantime::parse_rfc3339(&format!("{date}T{clock}.{}Z", part(15, 18))).ok()
}

/// The text of a moment, to the millisecond before it; `None` if it is before 1970 or after the year
/// 9999.
#[cfg(feature = "acl")]
pub(crate) fn fipa_text(moment: SystemTime) -> Option<String> {
    use std::fmt::Write;

    moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let mut text = String::new();
    write!(text, "{}", humantime::format_rfc3339_millis(moment)).ok()?;
    text.retain(|char| !matches!(char, '-' | ':' | '.'));
    Some(text)
}
