//! What kind of value a parameter takes, as far as that is known before there is a value: for
//! deployment files that are checked by the compiler.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use crate::message::Jid;

/// What kind of value a parameter takes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// Only its type knows.
    Any,
    Bool,
    Number,
    /// A whole number in these bounds.
    Whole(i128, i128),
    Text,
    Char,
    Jid,
    Duration,
    List,
    Map,
    /// That, or nothing.
    Optional(&'static ParamKind),
}

/// Looks at a type: `Probe::<T>::KIND` is an inherent constant where the type is known here, and else
/// that of [`AnyKind`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

/// The kind of all other types.
#[doc(hidden)]
pub trait AnyKind {
    const KIND: ParamKind = ParamKind::Any;
}

impl<T> AnyKind for Probe<T> {}

macro_rules! kinds {
    ($($ty:ty => $kind:expr,)*) => {
        $(#[doc(hidden)] impl Probe<$ty> {
            pub const KIND: ParamKind = $kind;
        })*
    };
}

kinds! {
    bool => ParamKind::Bool,
    f32 => ParamKind::Number,
    f64 => ParamKind::Number,
    char => ParamKind::Char,
    String => ParamKind::Text,
    PathBuf => ParamKind::Text,
    Jid => ParamKind::Jid,
    Duration => ParamKind::Duration,
}

macro_rules! whole {
    ($($ty:ident)*) => {
        kinds! { $($ty => ParamKind::Whole($ty::MIN as i128, $ty::MAX as i128),)* }
    };
}

macro_rules! nonzero {
    ($($ty:ident)*) => {
        kinds! { $(NonZero<$ty> => ParamKind::Whole(1, $ty::MAX as i128),)* }
    };
}

whole! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }
nonzero! { u8 u16 u32 u64 usize }

macro_rules! collections {
    ($($ty:ident<$($param:ident),*> => $kind:expr,)*) => {
        $(#[doc(hidden)] impl<$($param),*> Probe<$ty<$($param),*>> {
            pub const KIND: ParamKind = $kind;
        })*
    };
}

collections! {
    Vec<T> => ParamKind::List,
    VecDeque<T> => ParamKind::List,
    BTreeSet<T> => ParamKind::List,
    HashSet<T, S> => ParamKind::List,
    BTreeMap<K, V> => ParamKind::Map,
    HashMap<K, V, S> => ParamKind::Map,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_are_known_are_told_from_others() {
        /// Another one of that name.
        struct Duration;
        assert_eq!(Probe::<u8>::KIND, ParamKind::Whole(0, 255));
        assert_eq!(Probe::<NonZero<u8>>::KIND, ParamKind::Whole(1, 255));
        assert_eq!(Probe::<Vec<Duration>>::KIND, ParamKind::List);
        assert_eq!(Probe::<HashMap<String, u8>>::KIND, ParamKind::Map);
        assert_eq!(Probe::<std::time::Duration>::KIND, ParamKind::Duration);
        assert_eq!(Probe::<Duration>::KIND, ParamKind::Any);
        assert_eq!(Probe::<(u8, u8)>::KIND, ParamKind::Any);
    }
}
