use crate::live::{Epoch, Position};

/// What to do with a publication that came for a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// It is the next one: send it.
    Deliver,
    /// The subscriber has it already.
    Skip,
    /// Something between is missing, or the stream is another one: the subscriber must come again and recover
    /// (unsubscribe 2500, or disconnect 3010 when the subscription is the server's).
    Insufficient,
}

impl Position {
    /// Looks at a publication that came live for a subscription that stands here, and moves on when it is the next.
    /// Ask before filtering: those that a subscriber does not want count, too.
    ///
    /// A publication without a place (offset 0) is always delivered. A position without an epoch takes the first it
    /// sees.
    ///
    /// ```
    /// use actix_charter::live::{Position, broker::Accept};
    /// let mut position = Position { offset: 4, epoch: "a".into() };
    /// assert_eq!(position.accept(5, &"a".into()), Accept::Deliver);
    /// assert_eq!(position.accept(5, &"a".into()), Accept::Skip);
    /// assert_eq!(position.accept(7, &"a".into()), Accept::Insufficient);
    /// assert_eq!(position.accept(6, &"b".into()), Accept::Insufficient);
    /// assert_eq!(position.offset, 5);
    /// ```
    pub fn accept(&mut self, offset: u64, epoch: &Epoch) -> Accept {
        if offset == 0 {
            return Accept::Deliver;
        }
        if self.epoch.is_empty() {
            self.epoch = epoch.clone();
        } else if self.epoch != *epoch {
            return Accept::Insufficient;
        }
        match offset.checked_sub(self.offset) {
            None | Some(0) => Accept::Skip,
            Some(1) => {
                self.offset = offset;
                Accept::Deliver
            }
            Some(_) => Accept::Insufficient,
        }
    }

    /// Whether a subscription that stands here lacks something of a stream that is at `top`, as is looked up when it
    /// was quiet for long. Once may be a publication that is still on its way: look again before acting on it.
    ///
    /// ```
    /// use actix_charter::live::Position;
    /// let position = Position { offset: 4, epoch: "a".into() };
    /// assert!(!position.lacks(&Position { offset: 4, epoch: "a".into() }));
    /// assert!(position.lacks(&Position { offset: 5, epoch: "a".into() }));
    /// assert!(position.lacks(&Position { offset: 4, epoch: "b".into() }));
    /// ```
    #[must_use]
    pub fn lacks(&self, top: &Self) -> bool {
        self.offset < top.offset || (!self.epoch.is_empty() && self.epoch != top.epoch)
    }
}
