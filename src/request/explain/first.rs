//! The first thing that serde stumbles over, with the way to it.

use serde::de::{DeserializeOwned, Deserializer};
use serde_path_to_error::{Path, Segment};

use super::reason::safe_reason;
use crate::problem::{Fault, In, push_pointer};

/// What serde says first, with the place.
pub(super) fn first_fault<'de, T, D>(location: In, deserializer: D) -> Option<Fault>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let error = serde_path_to_error::deserialize::<_, T>(deserializer).err()?;
    Some(fault(location, error.path(), &error.inner().to_string()))
}

fn fault(location: In, path: &Path, message: &str) -> Fault {
    let reason = safe_reason(message);
    let mut pointer = String::new();
    let mut last = None;
    for segment in path {
        match segment {
            Segment::Seq { index } => push_pointer(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push_pointer(&mut pointer, key),
            // What serde had put aside has no known place; the pointer ends above it.
            Segment::Unknown => break,
        }
        last = Some(segment);
    }
    if let Some(field) = reason.field {
        // An unknown field is met while its key is read, when it is part of the way already.
        let told = matches!(last, Some(Segment::Map { key }) if reason.code == "unknown" && key == field);
        if !told {
            push_pointer(&mut pointer, field);
        }
    }
    Fault::new(location, pointer, reason.code, reason.detail)
}
