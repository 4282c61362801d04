use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use super::fields::Fields;

/// Writes the fields of a message.
pub(super) struct ProtobufFields<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> ProtobufFields<'a> {
    /// A message after its length.
    pub(super) fn delimited(out: &'a mut Vec<u8>, hint: usize, write: impl FnOnce(&mut Self)) {
        Self { out }.after_length(hint, write);
    }

    /// The length stands first but is known last: as many bytes as the hint needs are kept free, and only when they turn out
    /// to be too many or too few is the message moved.
    fn after_length(&mut self, hint: usize, write: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        let kept = encoded_len_varint(hint as u64);
        self.out.resize(start + kept, 0);
        write(self);
        let length = self.out.len() - start - kept;
        let needed = encoded_len_varint(length as u64);
        if needed > kept {
            self.out.resize(start + needed + length, 0);
        }
        if needed != kept {
            self.out.copy_within(start + kept..start + kept + length, start + needed);
            self.out.truncate(start + needed + length);
        }
        let Some(mut place) = self.out.get_mut(start..start + needed) else { return };
        encode_varint(length as u64, &mut place);
    }

    fn bytes(&mut self, tag: u32, value: &[u8]) {
        encode_key(tag, WireType::LengthDelimited, self.out);
        encode_varint(value.len() as u64, self.out);
        self.out.extend_from_slice(value);
    }

    fn varint(&mut self, tag: u32, value: u64) {
        if value != 0 {
            encode_key(tag, WireType::Varint, self.out);
            encode_varint(value, self.out);
        }
    }

    fn nested(&mut self, tag: u32, hint: usize, write: impl FnOnce(&mut Self)) {
        encode_key(tag, WireType::LengthDelimited, self.out);
        self.after_length(hint, write);
    }
}

impl Fields for ProtobufFields<'_> {
    // Left out and empty are the same here.
    fn text_always(&mut self, name: &'static str, tag: u32, value: &str) {
        self.data_always(name, tag, value.as_bytes());
    }

    fn uint_always(&mut self, _: &'static str, tag: u32, value: u64) {
        self.varint(tag, value);
    }

    fn int(&mut self, _: &'static str, tag: u32, value: i64) {
        self.varint(tag, value.cast_unsigned());
    }

    fn flag(&mut self, _: &'static str, tag: u32, value: bool) {
        self.varint(tag, value.into());
    }

    fn data_always(&mut self, _: &'static str, tag: u32, value: &[u8]) {
        if !value.is_empty() {
            self.bytes(tag, value);
        }
    }

    fn quoted(&mut self, name: &'static str, tag: u32, value: &[u8]) {
        self.data_always(name, tag, value);
    }

    fn message(&mut self, _: &'static str, tag: u32, hint: usize, write: impl FnOnce(&mut Self)) {
        self.nested(tag, hint, write);
    }

    fn list<T>(
        &mut self,
        _: &'static str,
        tag: u32,
        items: impl Iterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        for item in items {
            self.nested(tag, 0, |fields| write(fields, item));
        }
    }

    fn map<'k, T>(
        &mut self,
        _: &'static str,
        tag: u32,
        entries: impl Iterator<Item = (&'k str, T)>,
        write: impl Fn(&mut Self, T),
    ) {
        for (key, item) in entries {
            self.nested(tag, 0, |entry| {
                entry.bytes(1, key.as_bytes());
                entry.nested(2, 0, |fields| write(fields, item));
            });
        }
    }

    fn text_map<'k>(&mut self, _: &'static str, tag: u32, entries: impl Iterator<Item = (&'k str, &'k str)>) {
        for (key, value) in entries {
            self.nested(tag, 0, |entry| {
                entry.bytes(1, key.as_bytes());
                entry.bytes(2, value.as_bytes());
            });
        }
    }
}
