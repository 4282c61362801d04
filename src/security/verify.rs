use actix_web::HttpRequest;
use futures_util::future::LocalBoxFuture;

use super::Denial;

/// What a verifier answers: whom the credentials belong to.
///
/// `Option<I>` for most: `None` is a 401. `Result<Option<I>, Denial>` for verifiers that can also fail, or want to tell more:
/// return [`Denial::unavailable`] when the database does not answer.
#[diagnostic::on_unimplemented(
    message = "a verifier cannot answer `{Self}`",
    note = "return `Option<I>` or `Result<Option<I>, Denial>`, where `I` says who is calling"
)]
pub trait Verified {
    /// Who is calling.
    type Identity: Clone + 'static;

    /// Brings all kinds of answers into one shape.
    ///
    /// # Errors
    /// The request is turned away.
    fn verified(self) -> Result<Option<Self::Identity>, Denial>;
}

impl<I: Clone + 'static> Verified for Option<I> {
    type Identity = I;

    fn verified(self) -> Result<Self, Denial> {
        Ok(self)
    }
}

impl<I: Clone + 'static> Verified for Result<Option<I>, Denial> {
    type Identity = I;

    fn verified(self) -> Self {
        self
    }
}

/// A verifier whose type is forgotten, so that schemes are generic over the identity alone.
pub(crate) trait Verify<P, I>: Send + Sync {
    fn verify<'a>(
        &'a self,
        request: &'a HttpRequest,
        presented: P,
    ) -> LocalBoxFuture<'a, Result<Option<I>, Denial>>;
}

impl<F, P, O> Verify<P, O::Identity> for F
where
    F: AsyncFn(&HttpRequest, P) -> O + Send + Sync,
    P: 'static,
    O: Verified,
{
    fn verify<'a>(
        &'a self,
        request: &'a HttpRequest,
        presented: P,
    ) -> LocalBoxFuture<'a, Result<Option<O::Identity>, Denial>> {
        Box::pin(async move { self(request, presented).await.verified() })
    }
}
