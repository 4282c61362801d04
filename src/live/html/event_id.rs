//! The id of an event: where the page is, in all of its channels. `Last-Event-ID` is one for the whole stream, and each stream's
//! epoch is its own, so positions need no names: `epoch:offset,epoch:offset`.

use bytes::{BufMut as _, Bytes, BytesMut};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::live::Position;

/// As many channels as a connection may name.
const MOST: usize = 128;

pub(crate) fn event_id(positions: &[Position]) -> String {
    let one = |position: &Position| {
        let epoch = utf8_percent_encode(position.epoch.as_str(), NON_ALPHANUMERIC);
        format!("{epoch}:{}", position.offset)
    };
    positions.iter().map(one).collect::<Vec<_>>().join(",")
}

/// What cannot be read is left out.
pub(crate) fn positions(id: &str) -> Vec<Position> {
    let one = |text: &str| {
        let (epoch, offset) = text.split_once(':')?;
        let epoch = percent_decode_str(epoch).decode_utf8().ok().filter(|epoch| !epoch.is_empty())?;
        Some(Position { offset: offset.parse().ok()?, epoch: epoch.into_owned().into() })
    };
    id.split(',').take(MOST).filter_map(one).collect()
}

/// An event whose id tells where its channel is, for a page that is in others, too.
pub(crate) fn and_others(event: &Bytes, others: &[Position]) -> Bytes {
    let Some(event) = event.strip_suffix(b"\n\n").filter(|_| !others.is_empty()) else {
        return event.clone();
    };
    let others = event_id(others);
    let mut out = BytesMut::with_capacity(event.len() + others.len() + 3);
    out.put_slice(event);
    out.put_u8(b',');
    out.put_slice(others.as_bytes());
    out.put_slice(b"\n\n");
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(epoch: &str, offset: u64) -> Position {
        Position { offset, epoch: epoch.into() }
    }

    #[test]
    fn ids_are_read_as_they_were_written() {
        let all = [position("2f4c", 7), position("a,b:c\n%", u64::MAX), position("x", 0)];
        let id = event_id(&all);
        assert_eq!(id, "2f4c:7,a%2Cb%3Ac%0A%25:18446744073709551615,x:0");
        assert_eq!(positions(&id), all);
    }

    #[test]
    fn what_is_no_position_is_left_out() {
        assert_eq!(
            positions("a:1,b,c:x,:3,d:-1,e:18446744073709551616,%ff:1,f:2"),
            [position("a", 1), position("f", 2)]
        );
        assert!(positions("").is_empty());
        assert_eq!(positions(&"a:1,".repeat(1000)).len(), MOST);
    }

    #[test]
    fn the_other_channels_stand_behind_an_event_s_own() {
        let event = Bytes::from_static(b"data: x\nid: a:1\n\n");
        assert_eq!(and_others(&event, &[]), event);
        let both = and_others(&event, &[position("b", 2), position("c", 3)]);
        assert_eq!(both, &b"data: x\nid: a:1,b:2,c:3\n\n"[..]);
    }
}
