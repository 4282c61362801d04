use actix_web::{http::header::AUTHORIZATION, test::TestRequest};

use super::*;
use crate::security::{ApiKey, Basic, BearerToken, Credentials, Secret};

fn basic() -> Arc<dyn ErasedScheme> {
    Arc::new(Basic::new(async |_: &HttpRequest, sent: Credentials| (sent.username == "a").then_some(1_u32)))
}

fn bearer() -> Arc<dyn ErasedScheme> {
    let scheme = BearerToken::new(async |_: &HttpRequest, token: Secret| token.matches("t").then_some(2_u32));
    Arc::new(scheme.grants(|_, scope| scope == "read"))
}

/// Asks nothing and challenges nobody.
#[derive(Debug)]
struct Silent(Option<&'static str>);

impl Scheme for Silent {
    type Identity = ();

    fn name(&self) -> Cow<'static, str> {
        "silent".into()
    }

    fn document(&self) -> Value {
        Value::Null
    }

    async fn identify(&self, _: &HttpRequest, _: &[Cow<'static, str>]) -> Verdict<()> {
        self.0.map_or(Verdict::Next, |detail| Verdict::Stop(Denial::unauthorized("no", detail)))
    }
}

fn chain(schemes: impl IntoIterator<Item = Arc<dyn ErasedScheme>>) -> Chain {
    Chain { alternatives: schemes.into_iter().map(|scheme| (scheme, Vec::new())).collect(), optional: false }
}

async fn ask(chain: &Chain, headers: &[&str]) -> Result<Option<u32>, Problem> {
    let mut request = TestRequest::default();
    for value in headers {
        request = request.append_header((AUTHORIZATION, *value));
    }
    let identity = chain.identify(&request.to_http_request()).await?;
    Ok(identity.map(|identity| *identity.into_any().downcast().unwrap()))
}

fn told(problem: &Problem) -> (u16, &str, Vec<&str>) {
    let challenges =
        problem.headers().get_all(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap()).collect();
    (problem.status().as_u16(), problem.get_code().unwrap(), challenges)
}

const BASIC: &str = r#"Basic realm="api", charset="UTF-8""#;
const BEARER: &str = r#"Bearer realm="api""#;

#[actix_web::test]
async fn whichever_accepts_decides() {
    let chain = chain([basic(), bearer()]);
    assert_eq!(ask(&chain, &["Basic YTpi"]).await.unwrap(), Some(1));
    assert_eq!(ask(&chain, &["Bearer t"]).await.unwrap(), Some(2));
}

#[actix_web::test]
async fn the_first_that_accepts_ends_the_chain() {
    let first = Arc::new(ApiKey::fixed([("k", 1_u32)]));
    let second: Arc<dyn ErasedScheme> = bearer();
    let request = || {
        let request = TestRequest::default().insert_header(("X-API-Key", "k"));
        request.insert_header((AUTHORIZATION, "Bearer t")).to_http_request()
    };
    let in_order = chain([first.clone() as Arc<dyn ErasedScheme>, second.clone()]);
    let found = in_order.identify(&request()).await.unwrap().unwrap();
    assert_eq!(*found.into_any().downcast::<u32>().unwrap(), 1);
    let turned = chain([second, first]);
    let found = turned.identify(&request()).await.unwrap().unwrap();
    assert_eq!(*found.into_any().downcast::<u32>().unwrap(), 2);
}

#[actix_web::test]
async fn nobody_gets_one_challenge_per_scheme() {
    let chain = chain([basic(), bearer(), Arc::new(Silent(None)), basic()]);
    let problem = ask(&chain, &[]).await.unwrap_err();
    assert_eq!(told(&problem), (401, "unauthenticated", vec![BASIC, BEARER]));
    assert_eq!(problem.get_detail(), Some("this endpoint asks for credentials"));
}

#[actix_web::test]
async fn wrong_credentials_end_the_chain() {
    let chain = chain([basic(), bearer()]);
    let problem = ask(&chain, &["Basic Yjpi"]).await.unwrap_err();
    assert_eq!(told(&problem), (401, "invalid_credentials", vec![BASIC]));
    let problem = ask(&chain, &["Bearer x"]).await.unwrap_err();
    let challenge =
        r#"Bearer realm="api", error="invalid_token", error_description="the token is not valid""#;
    assert_eq!(told(&problem), (401, "invalid_token", vec![challenge]));
}

#[actix_web::test]
async fn a_401_always_has_a_challenge_when_any_scheme_has_one() {
    let chain = chain([Arc::new(Silent(Some("no"))) as Arc<dyn ErasedScheme>, bearer()]);
    assert_eq!(told(&ask(&chain, &[]).await.unwrap_err()), (401, "no", vec![BEARER]));
}

#[actix_web::test]
async fn only_a_401_has_the_schemes_own_challenge() {
    let mut chain = chain([bearer()]);
    chain.alternatives[0].1.push("write".into());
    let problem = ask(&chain, &["Bearer t"]).await.unwrap_err();
    let challenge = r#"Bearer realm="api", error="insufficient_scope", scope="write""#;
    assert_eq!(told(&problem), (403, "insufficient_scope", vec![challenge]));

    let failing: BearerToken<()> = BearerToken::new(async |_: &HttpRequest, _: Secret| {
        Err::<Option<()>, _>(Denial::unavailable("unavailable", "try again later"))
    });
    let problem = ask(&super::tests::chain([Arc::new(failing) as _]), &["Bearer t"]).await.unwrap_err();
    assert_eq!(told(&problem), (503, "unavailable", vec![]));
}

#[actix_web::test]
async fn optional_lets_pass_who_has_no_credentials() {
    let mut chain = chain([basic(), bearer()]);
    chain.optional = true;
    assert_eq!(ask(&chain, &[]).await.unwrap(), None);
    assert_eq!(ask(&chain, &["Basic YTpi"]).await.unwrap(), Some(1));
    assert_eq!(told(&ask(&chain, &["Bearer x"]).await.unwrap_err()).0, 401);
    assert_eq!(told(&ask(&chain, &["Bearer t", "Bearer t"]).await.unwrap_err()).0, 400);
}

#[test]
fn requirements_are_alternatives_in_order() {
    let mut chain = chain([basic(), bearer()]);
    chain.alternatives[1].1.push("read".into());
    let expected = vec![("Basic".to_owned(), vec![]), ("BearerToken".to_owned(), vec!["read".to_owned()])];
    assert_eq!(chain.requirements(), expected);
}

#[test]
fn outputs_tell_every_status() {
    let told = |chain: &Chain| {
        let describe = |output: &Output| {
            let headers: Vec<_> = output.headers.iter().map(|h| (h.name.to_string(), h.required)).collect();
            (output.status.unwrap(), output.description.clone().unwrap().into_owned(), headers)
        };
        chain.outputs().iter().map(describe).collect::<Vec<_>>()
    };
    let text = str::to_owned;
    let wrong = text("The credentials are missing or wrong.");
    let mut full = chain([bearer()]);
    full.alternatives[0].1.push("read".into());
    assert_eq!(
        told(&full),
        [
            (401, wrong.clone(), vec![(text("WWW-Authenticate"), true)]),
            (403, text("The credentials do not grant what this endpoint asks for."), vec![]),
            (400, text("The credentials are malformed."), vec![]),
        ]
    );
    assert_eq!(told(&chain([Arc::new(Silent(None)) as _])), [(401, wrong, vec![])]);
    let cookie: Arc<dyn ErasedScheme> = Arc::new(ApiKey::fixed([("k", 1)]).cookie("key"));
    assert_eq!(told(&chain([cookie])).last().unwrap().0, 403);
}

#[test]
fn the_identity_type_is_known() {
    assert_eq!(basic().identity_type(), (TypeId::of::<u32>(), "u32"));
    assert_eq!(basic().scheme_type(), TypeId::of::<Basic<u32>>());
}
