//! How texts are written, so that FIPA's grammars and JADE's parsers read the same again.

use std::fmt::{self, Write};

/// Writes a text: as a word if it is one without any doubt, else as a string.
pub(super) fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    match is_word(text) {
        true => out.write_str(text),
        false => write_string(out, text),
    }
}

/// Writes a text as a string.
///
/// A backslash before the quotation mark at the end would make it a part of the string, so such a
/// text is written with its length.
pub(super) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    if text.ends_with('\\') {
        return write!(out, "#{}\"{text}", text.len());
    }
    out.write_char('"')?;
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.write_str("\\\"")?;
        }
        out.write_str(part)?;
    }
    out.write_char('"')
}

/// Whether every grammar takes the text for a word: FIPA's for messages and for SL, and JADE's, which
/// know ASCII alone. There are more words than these; a string is never wrong.
pub(super) fn is_word(text: &str) -> bool {
    let begins = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'/');
    let goes_on = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'(' | b')' | b'"');
    text.bytes().next().is_some_and(begins) && text.bytes().all(goes_on)
}

/// How many characters of what was found an error shows.
const SHOWN: usize = 40;

/// A text in an error, which may be long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => format!("`{text}`"),
        Some((end, _)) => format!("`{}…`", &text[..end]),
    }
}

/// Writes the name of a user-defined parameter. What cannot stand in a word is written as `%` with
/// two digits, as in addresses of the web.
pub(super) fn write_name(out: &mut impl Write, name: &str) -> fmt::Result {
    for char in name.chars() {
        match char {
            '\0'..=' ' | '\x7f' | '(' | ')' | '"' | '%' => write!(out, "%{:02X}", char as u32)?,
            _ => out.write_char(char)?,
        }
    }
    Ok(())
}

/// The name that [`write_name`] wrote. A `%` without two digits behind it stands for itself.
pub(super) fn read_name(written: &str) -> String {
    let mut name = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('%') {
        name.push_str(before);
        match after.get(..2).and_then(ascii_of_hex) {
            Some(char) => {
                name.push(char);
                rest = &after[2..];
            }
            None => {
                name.push('%');
                rest = after;
            }
        }
    }
    name + rest
}

fn ascii_of_hex(digits: &str) -> Option<char> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    code.is_ascii().then_some(char::from(code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::acl::lexer::Lexer;

    fn written(text: &str) -> String {
        let mut out = String::new();
        write_text(&mut out, text).unwrap();
        out
    }

    #[test]
    fn words_stay_words_and_the_rest_is_quoted() {
        for word in ["fipa-request", "da0@host:1099/JADE", "/a", "C:\\x"] {
            assert_eq!(written(word), word);
        }
        assert_eq!(written(""), "\"\"");
        assert_eq!(written("5"), "\"5\"");
        assert_eq!(written(":name"), "\":name\"");
        assert_eq!(written("größe"), "\"größe\"");
        assert_eq!(written("say \"hi\""), r#""say \"hi\"""#);
        assert_eq!(written("in C:\\dir\\"), r#"#10"in C:\dir\"#);
    }

    #[test]
    fn names_with_anything_in_them() {
        let mut out = String::new();
        write_name(&mut out, "a b%(c)\n").unwrap();
        assert_eq!(out, "a%20b%25%28c%29%0A");
        assert_eq!(read_name("100%"), "100%");
        assert_eq!(read_name("%zz%2"), "%zz%2");
        assert_eq!(read_name("%+1%é9"), "%+1%é9");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in any::<String>()) {
            let mut string = String::new();
            write_string(&mut string, &text).unwrap();
            string.push_str(" \"");
            let mut lexer = Lexer::new(&string);
            prop_assert_eq!(lexer.string("a string").unwrap(), text.as_str());
            let mut name = String::new();
            write_name(&mut name, &text).unwrap();
            prop_assert_eq!(read_name(&name), text);
        }
    }
}
