use actix_charter::Replies;

#[derive(Replies)]
enum Headers {
    #[reply(status = 200)]
    Names {
        #[reply(header = "E Tag")]
        space: String,
        #[reply(header = "")]
        empty: String,
        #[reply(header = "Set-Cookie")]
        cookie: String,
        #[reply(header = "Content-Type")]
        renderer: String,
        #[reply(header = "Transfer-Encoding")]
        managed: String,
        #[reply(header = ETag)]
        no_text: String,
    },
    #[reply(status = 201, header("Connection" = "close", "X-A" = "é", "X-B" = " b", "X-C" = "c", "x-c" = "c"))]
    Fixed {
        #[reply(header = "X-C")]
        again: String,
    },
    #[reply(status = 202, header = "X-A")]
    NotAPair,
    #[reply(status = 202, header("X-A"))]
    NoValue,
    #[reply(status = 202, header())]
    Nothing,
}

fn main() {}
