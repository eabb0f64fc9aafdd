//! A cell as serde sees it: text that is read as whatever is wanted.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer as _, Visitor};

/// Why a row is not what was wanted.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) what: What,
    /// The number of the cell that is wrong, if one is.
    pub(super) cell: Option<usize>,
}

#[derive(Debug)]
pub(super) enum What {
    /// There is no such column.
    Missing(&'static str),
    /// There are two columns of that name.
    Twice(&'static str),
    Other(String),
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: What::Other(what.into()),
            cell: None,
        }
    }

    /// Says in which cell it is.
    pub(super) fn at(mut self, cell: usize) -> Self {
        self.cell.get_or_insert(cell);
        self
    }
}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            what: What::Missing(field),
            cell: None,
        }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self {
            what: What::Twice(field),
            cell: None,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Missing(column) => write!(f, "there is no column `{column}`"),
            What::Twice(column) => write!(f, "there are two columns `{column}`"),
            What::Other(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Wrong {}

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    /// Whether any value will do, since only the names of the columns are looked at.
    pub(super) is_blank: bool,
}

impl Cell<'_> {
    fn number<N: std::str::FromStr + Default>(
        self,
        wanted: impl FnOnce() -> String,
    ) -> Result<N, Wrong> {
        match self.text.trim().parse() {
            Ok(number) => Ok(number),
            Err(_) if self.is_blank => Ok(N::default()),
            Err(_) => Err(Wrong::new(format!("expected {}", wanted()))),
        }
    }

    fn truth(self) -> Result<bool, Wrong> {
        let is = |word: &str| self.text.trim().eq_ignore_ascii_case(word);
        match () {
            () if is("true") => Ok(true),
            () if is("false") || self.is_blank => Ok(false),
            () => Err(Wrong::new("expected `true` or `false`")),
        }
    }

    fn one_value<T>(self) -> Result<T, Wrong> {
        Err(Wrong::new(
            "a cell is one value, and the program wants several",
        ))
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $number:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.$visit(self.number(|| {
                format!("a whole number from {} to {}", $number::MIN, $number::MAX)
            })?)
        }
    )*};
}

macro_rules! several_values {
    ($($method:ident($($argument:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Wrong> {
            self.one_value()
        }
    )*};
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Wrong;

    /// What it looks like: serde asks this where a type is one of several.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let text = self.text;
        if let Ok(number) = text.parse() {
            visitor.visit_u64(number)
        } else if let Ok(number) = text.parse() {
            visitor.visit_i64(number)
        } else if let Ok(number) = text.parse() {
            visitor.visit_f64(number)
        } else if let Ok(truth) = text.parse() {
            visitor.visit_bool(truth)
        } else {
            visitor.visit_str(text)
        }
    }

    whole_numbers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_i128 visit_i128 i128
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_u128 visit_u128 u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_f32(self.number(|| "a number".to_owned())?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_f64(self.number(|| "a number".to_owned())?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let mut chars = self.text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => visitor.visit_char(char),
            (None, None) if self.is_blank => visitor.visit_char(' '),
            _ => Err(Wrong::new("expected one character")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.text.is_empty() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.text.is_empty() {
            visitor.visit_unit()
        } else {
            Err(Wrong::new("expected nothing"))
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let name: StrDeserializer<'_, Wrong> = self.text.into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    several_values! {
        deserialize_seq()
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
    }
}
