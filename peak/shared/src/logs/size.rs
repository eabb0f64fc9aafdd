//! Sizes of files, as people write them: `10MB`.

use super::wishes::Rotation;

/// The units, in lower case. `k` is a thousand, `Ki` is 1024.
const UNITS: [(&str, u64); 6] = [
    ("kb", 1000),
    ("mb", 1000 * 1000),
    ("gb", 1000 * 1000 * 1000),
    ("kib", 1024),
    ("mib", 1024 * 1024),
    ("gib", 1024 * 1024 * 1024),
];

/// What is to be written where one is expected.
pub const HOW: &str = "write a whole number and a unit, `10MB`, or `never`; the units are kB, MB, GB, KiB, MiB and GiB";

/// Reads when to put a file aside: a size, or `never`.
pub fn rotation(text: &str) -> Result<Rotation, &'static str> {
    let text = text.trim().to_ascii_lowercase();
    if text == "never" {
        return Ok(Rotation::Never);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: Option<u64> = number.parse().ok();
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
    match (number, unit) {
        (Some(number @ 1..), Some((_, bytes))) => {
            number.checked_mul(*bytes).map(Rotation::At).ok_or(HOW)
        }
        _ => Err(HOW),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_have_a_unit() {
        for (text, bytes) in [
            ("10MB", 10_000_000),
            ("1 KiB", 1024),
            ("2gib", 2 << 30),
            (" 7kB ", 7000),
        ] {
            assert_eq!(rotation(text), Ok(Rotation::At(bytes)), "{text}");
        }
        assert_eq!(rotation("Never"), Ok(Rotation::Never));
        for text in [
            "",
            "10",
            "0MB",
            "MB",
            "-1MB",
            "1.5MB",
            "10 M",
            "99999999999999999999GB",
        ] {
            assert_eq!(rotation(text), Err(HOW), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9 kKmMgGiIbBnevr.-]{0,8}") {
            if let Ok(Rotation::At(bytes)) = rotation(&text) {
                prop_assert!(bytes >= 1000);
            }
        }
    }
}
