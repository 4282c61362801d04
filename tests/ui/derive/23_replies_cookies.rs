use actix_charter::Replies;

#[derive(Replies)]
#[reply(status = 200)]
struct Cookies {
    #[reply(cookie = "a b")]
    name: String,
    #[reply(cookie = "__Host-a", path = "/api", domain = "example.org")]
    host: String,
    #[reply(cookie = "__Secure-a")]
    secure: String,
    #[reply(cookie = "none", same_site = "None")]
    none: String,
    #[reply(cookie = "strict", same_site = "strict")]
    strict: String,
    #[reply(cookie = "age", max_age = -1)]
    age: String,
    #[reply(cookie = "path", path = "api")]
    path: String,
    #[reply(cookie = "inject", domain = "a; Secure")]
    inject: String,
    #[reply(cookie = "flag", secure = true)]
    flag: String,
    #[reply(cookie = "twice", secure, secure)]
    twice: String,
    #[reply(cookie = "unknown", httponly)]
    unknown: String,
    #[reply(cookie)]
    no_name: String,
    #[reply(cookie = "same")]
    same: String,
    #[reply(cookie = "same")]
    again: String,
}

fn main() {}
