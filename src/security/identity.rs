use std::any::TypeId;

use actix_web::http::StatusCode;
use derive_more::{Deref, DerefMut};

use crate::{
    endpoint::OperationSpec,
    problem::Problem,
    request::{ArgumentKind, Call, Component, Refusal},
};

/// Who is calling, as the scheme that accepted the request found it. `T` is that scheme's [identity](super::Scheme::Identity); which
/// types can come is checked at mounting.
///
/// Take `Option<Identity<T>>` where the scheme is optional. An endpoint takes it at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deref, DerefMut)]
pub struct Identity<T>(pub T);

impl<T> Identity<T> {
    /// The identity itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: 'static> Component for Identity<T> {
    const KIND: ArgumentKind = ArgumentKind::Identity;

    fn describe(spec: &mut OperationSpec) {
        spec.identity = Some((TypeId::of::<T>(), std::any::type_name::<T>()));
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        let Some(identity) = call.identity.take() else {
            let problem = Problem::new(StatusCode::UNAUTHORIZED).code("unauthenticated");
            return Err(problem.detail("this endpoint asks who is calling").into());
        };
        match identity.into_any().downcast() {
            Ok(identity) => Ok(Self(*identity)),
            Err(_) => {
                let expected = std::any::type_name::<T>();
                tracing::error!(target: "actix_charter::security", expected, "the scheme found another type of identity");
                Err(Problem::internal().into())
            }
        }
    }
}

/// `None` where the scheme is optional and the request had no credentials.
impl<T: 'static> Component for Option<Identity<T>> {
    const KIND: ArgumentKind = ArgumentKind::Identity;

    fn describe(spec: &mut OperationSpec) {
        Identity::<T>::describe(spec);
        spec.identity_optional = true;
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        if call.identity.is_none() { Ok(None) } else { Identity::extract(call).await.map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::security::SharedIdentity;

    async fn extract<T: 'static>(identity: Option<Box<dyn SharedIdentity>>) -> Result<T, StatusCode> {
        let (request, payload) = TestRequest::default().to_http_parts();
        let mut call = Call::for_tests(request, payload);
        call.identity = identity;
        match Identity::<T>::extract(&mut call).await {
            Ok(identity) => Ok(identity.into_inner()),
            Err(Refusal::Problem(problem)) => Err(problem.status()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[actix_web::test]
    async fn the_identity_that_was_found_is_handed_over() {
        assert_eq!(extract::<u32>(Some(Box::new(7_u32))).await, Ok(7));
    }

    #[actix_web::test]
    async fn nobody_is_a_401() {
        assert_eq!(extract::<u32>(None).await, Err(StatusCode::UNAUTHORIZED));
    }

    #[actix_web::test]
    async fn another_type_is_our_fault() {
        assert_eq!(extract::<u32>(Some(Box::new("ann"))).await, Err(StatusCode::INTERNAL_SERVER_ERROR));
    }
}
