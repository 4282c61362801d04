use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use crate::download::{
    condition::Validators,
    entity_tag::EntityTag,
    identity::Identity,
    manner::{Manner, Tag},
};

/// After so long there is no second change within the same second, even if the clock there is not ours (RFC 9110 §8.8.2.2).
const SETTLED: Duration = Duration::from_secs(60);

/// Which file, in which state. A digest: whatever the names hold, it is 32 bytes, and a plain file name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key([u8; 32]);

/// What only the cache knows: whoever knows what a file is called, and its validator, must not know where it lies.
#[derive(Clone, Copy)]
pub(crate) struct Secret(pub(super) [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Key {
    /// `None` when nothing tells this state of the file from another.
    ///
    /// What the handler says comes before what the source says, as in the answer; with tags, both count.
    pub(crate) fn new(
        secret: Secret,
        identity: &Identity,
        of_source: &Validators,
        manner: &Manner,
        now: SystemTime,
    ) -> Option<Self> {
        let given = match &manner.etag {
            Tag::Given(tag) => Some(tag),
            Tag::OfSource | Tag::None => None,
        };
        let tags: Vec<_> = [given, of_source.etag.as_ref()]
            .into_iter()
            .flatten()
            .map(EntityTag::to_value)
            .map(|tag| tag.as_bytes().to_vec())
            .collect();
        let (kind, state) = if tags.is_empty() {
            let modified = manner.last_modified.or(of_source.last_modified)?;
            now.duration_since(modified).ok().filter(|age| *age > SETTLED)?;
            let since = modified.duration_since(UNIX_EPOCH).ok()?;
            ("time", vec![since.as_nanos().to_be_bytes().to_vec()])
        } else {
            ("tags", tags)
        };
        // The parts have their lengths in front, so no name is the beginning of another.
        let mut digest = Sha256::new_with_prefix(secret.0);
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        };
        for part in [identity.kind, &identity.place, &identity.key] {
            add(part.as_bytes());
        }
        add(kind.as_bytes());
        state.iter().for_each(|part| add(part));
        Some(Self(digest.finalize().into()))
    }

    /// The name of the file of so many bytes. The length tells a file that a crash of the machine cut short.
    pub(super) fn file_name(&self, size: u64) -> String {
        format!("{self}-{size:x}")
    }

    /// The inverse of [`file_name`](Self::file_name).
    pub(super) fn of_file_name(name: &str) -> Option<(Self, u64)> {
        let (digest, size) = name.split_once('-')?;
        let size = u64::from_str_radix(size, 16).ok()?;
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digest.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        let key = Self(key);
        // Signs, capitals and zeros in front would be other names of the same file.
        (key.file_name(size) == name).then_some((key, size))
    }

    #[cfg(test)]
    pub(super) const fn of_number(number: u8) -> Self {
        Self([number; 32])
    }
}

/// Lower-case hexadecimal: file systems that see no difference to upper case see none.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn identity(place: &str, key: &str) -> Identity {
        Identity { kind: "stored", place: place.to_owned(), key: key.to_owned() }
    }

    fn tagged(tag: &str) -> Validators {
        Validators { etag: EntityTag::written(tag), last_modified: None }
    }

    fn key(identity: &Identity, validators: &Validators, manner: &Manner) -> Option<Key> {
        Key::new(Secret([7; 32]), identity, validators, manner, UNIX_EPOCH + Duration::from_secs(1000))
    }

    #[test]
    fn whatever_differs_makes_another_key() {
        let plain = Manner::default();
        let mut given = Manner::default();
        given.etag = Tag::Given(EntityTag::strong("v1").unwrap());
        let at = |seconds, nanos| {
            let mut manner = Manner::default();
            manner.last_modified = Some(UNIX_EPOCH + Duration::new(seconds, nanos));
            manner
        };
        let none = Validators::default();
        let keys = [
            key(&identity("a", "bc"), &tagged("v1"), &plain),
            key(&identity("ab", "c"), &tagged("v1"), &plain),
            key(&identity("a", "bC"), &tagged("v1"), &plain),
            key(&identity("a", "bc"), &tagged("W/\"v1\""), &plain),
            key(&identity("a", "bc"), &tagged("v2"), &plain),
            key(&identity("a", "bc"), &tagged("v2"), &given),
            key(&identity("a", "bc"), &none, &at(5, 0)),
            key(&identity("a", "bc"), &none, &at(5, 1)),
            key(&identity("a", "bc"), &none, &at(6, 0)),
            key(&Identity { kind: "given", ..identity("a", "bc") }, &tagged("v1"), &plain),
        ];
        let different: HashSet<_> = keys.iter().map(|key| key.unwrap()).collect();
        assert_eq!(different.len(), keys.len());
        // The handler's tag, or the source's, is the same tag.
        assert_eq!(key(&identity("a", "bc"), &none, &given), keys[0]);
    }

    #[test]
    fn without_a_validator_there_is_no_key() {
        let none = Validators::default();
        assert_eq!(key(&identity("", "a"), &none, &Manner::default()), None);
        for (modified, good) in [(939, true), (940, false), (999, false), (1000, false), (2000, false)] {
            let last_modified = Some(UNIX_EPOCH + Duration::from_secs(modified));
            let validators = Validators { etag: None, last_modified };
            assert_eq!(
                key(&identity("", "a"), &validators, &Manner::default()).is_some(),
                good,
                "{modified}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_name_is_plain_and_tells_key_and_length(
            place in ".*", text in ".*", tag in "[a-z]{0,3}", size: u64,
        ) {
            let key = key(&identity(&place, &text), &tagged(&tag), &Manner::default()).unwrap();
            let name = key.file_name(size);
            prop_assert!(name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')));
            prop_assert!(name.len() <= 81);
            prop_assert_eq!(Key::of_file_name(&name), Some((key, size)));
        }

        #[test]
        fn other_names_are_not_ours(name in "[0-9a-fA-F+./é-]{0,90}") {
            if let Some((key, size)) = Key::of_file_name(&name) {
                prop_assert_eq!(key.file_name(size), name);
            }
        }
    }
}
