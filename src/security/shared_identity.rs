use std::any::Any;
#[cfg(feature = "live")]
use std::rc::Rc;

/// An identity whose type is forgotten.
#[allow(missing_docs, reason = "of no use outside of this crate")]
#[doc(hidden)]
pub trait SharedIdentity {
    fn into_any(self: Box<Self>) -> Box<dyn Any>;

    #[cfg(feature = "live")]
    fn as_any(&self) -> &dyn Any;

    /// A clone for one command.
    #[cfg(feature = "live")]
    fn handed_out(&self) -> Box<dyn SharedIdentity>;

    /// To be handed out again and again.
    #[cfg(feature = "live")]
    fn shared(self: Box<Self>) -> Rc<dyn SharedIdentity>;
}

impl<I: Clone + 'static> SharedIdentity for I {
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    #[cfg(feature = "live")]
    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "live")]
    fn handed_out(&self) -> Box<dyn SharedIdentity> {
        Box::new(self.clone())
    }

    #[cfg(feature = "live")]
    fn shared(self: Box<Self>) -> Rc<dyn SharedIdentity> {
        Rc::new(*self)
    }
}
