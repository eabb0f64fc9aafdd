//! A row of cells as serde sees it: a struct, a tuple, or one plain value.

use std::iter::Enumerate;

use csv::{StringRecord, StringRecordIter};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess,
    Visitor,
};

use super::cell::{Cell, What, Wrong};

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// The names of the columns; `None` if a row is one value.
    columns: Option<&'a [String]>,
    cells: &'a StringRecord,
    is_blank: bool,
}

impl<'a> Row<'a> {
    pub(super) fn new(columns: Option<&'a [String]>, cells: &'a StringRecord) -> Self {
        Self {
            columns,
            cells,
            is_blank: false,
        }
    }

    /// Reads it as a `T`.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Wrong> {
        T::deserialize(self)
    }

    fn cell(self, text: &'a str) -> Cell<'a> {
        Cell {
            text,
            is_blank: self.is_blank,
        }
    }

    /// The cell of a row that has one.
    fn only(self) -> Result<Cell<'a>, Wrong> {
        match self.cells.len() {
            1 => Ok(self.cell(&self.cells[0])),
            count => Err(Wrong::new(format!(
                "there are {count} columns, and the program wants one plain value: its type must \
                 be a struct or a tuple"
            ))),
        }
    }

    fn several(self, wanted: usize) -> Result<Cells<'a>, Wrong> {
        match self.cells.len() {
            count if count == wanted => Ok(Cells::of(self)),
            count => Err(Wrong::new(format!(
                "there are {count} values, and the program wants {wanted}"
            ))),
        }
    }

    fn named(self) -> Result<NamedCells<'a>, Wrong> {
        let columns = self.columns.ok_or_else(|| {
            Wrong::new(
                "a line of this file is one plain value, and the program wants a struct: write a \
                 `.csv` or `.jsonl` file",
            )
        })?;
        Ok(NamedCells {
            columns,
            cells: Cells::of(self),
            value: None,
        })
    }
}

/// What `T` lacks among these columns, as far as that can be told without any row.
pub(super) fn check_columns<T: DeserializeOwned>(columns: &[String]) -> Result<(), Wrong> {
    let blank: StringRecord = columns.iter().map(|_| "").collect();
    let row = Row {
        columns: Some(columns),
        cells: &blank,
        is_blank: true,
    };
    match row.read::<T>() {
        Err(wrong) if matches!(wrong.what, What::Missing(_) | What::Twice(_)) => Err(wrong),
        // What a type makes of a blank cell says nothing about the columns.
        Ok(_) | Err(_) => Ok(()),
    }
}

macro_rules! plain_values {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            self.only()?.$method(visitor).map_err(|wrong| wrong.at(0))
        }
    )*};
}

impl<'de> Deserializer<'de> for Row<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.columns {
            Some(_) => visitor.visit_map(self.named()?),
            None => self.only()?.deserialize_any(visitor).map_err(|it| it.at(0)),
        }
    }

    plain_values! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf
        deserialize_option deserialize_identifier
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
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
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let cell = self.only()?;
        cell.deserialize_enum(name, variants, visitor)
            .map_err(|wrong| wrong.at(0))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Cells::of(self))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        wanted: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_seq(self.several(wanted)?)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        wanted: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_seq(self.several(wanted)?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(self.named()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_map(self.named()?)
    }
}

/// The cells in their order.
struct Cells<'a> {
    row: Row<'a>,
    left: Enumerate<StringRecordIter<'a>>,
}

impl<'a> Cells<'a> {
    fn of(row: Row<'a>) -> Self {
        Self {
            row,
            left: row.cells.iter().enumerate(),
        }
    }
}

impl<'de> SeqAccess<'de> for Cells<'_> {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Wrong> {
        let Some((number, text)) = self.left.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(self.row.cell(text));
        value.map(Some).map_err(|wrong| wrong.at(number))
    }
}

/// The cells with the names of their columns.
struct NamedCells<'a> {
    columns: &'a [String],
    cells: Cells<'a>,
    /// The one whose name was asked for.
    value: Option<(usize, &'a str)>,
}

impl<'de> MapAccess<'de> for NamedCells<'_> {
    type Error = Wrong;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Wrong> {
        self.value = self.cells.left.next();
        let Some((number, _)) = self.value else {
            return Ok(None);
        };
        let column = self.columns.get(number).map_or("", String::as_str);
        let name: StrDeserializer<'_, Wrong> = column.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let (number, text) = self.value.take().unwrap_or_default();
        seed.deserialize(self.cells.row.cell(text))
            .map_err(|wrong| wrong.at(number))
    }
}
