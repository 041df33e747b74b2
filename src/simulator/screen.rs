use super::Simulator;
use super::deck::Key;
use super::magic::magic_amounts_json;
use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

/// A question about the display is answered at the latest after this.
const LONG_POLL: Duration = Duration::from_secs(20);
/// Connections that do not end by themselves get this long at the end.
const FAREWELL: Duration = Duration::from_secs(1);
/// The page holds nothing that it did not bring itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves the terminal as a page until `shutdown` resolves. While it runs, a
/// person decides about every payment that the script leaves to its amount and
/// whose amount has no magic.
///
/// # Errors
/// When the listener is not on a loopback address: whoever reaches the page
/// can press its keys.
pub async fn serve_screen(
    listener: TcpListener,
    simulator: Simulator,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let message = format!("the screen is served on a loopback address only, not on {address}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let (ending, ended) = watch::channel(false);
    let _shown = simulator.0.deck.show();
    let pages = Router::new()
        .route("/", get(|| page("text/html; charset=utf-8", include_str!("screen.html"))))
        .route("/screen.js", get(|| page("text/javascript", include_str!("screen.js"))))
        .route("/screen.css", get(|| page("text/css", include_str!("screen.css"))))
        .route("/amounts.json", get(amounts))
        .route("/display", get(display))
        .route("/press/{transaction}/{key}", post(press))
        .layer(middleware::from_fn(guard))
        .with_state((simulator.clone(), ended.clone()));
    let mut until = ended;
    let serving = axum::serve(listener, pages)
        .with_graceful_shutdown(async move {
            let _ = until.wait_for(|ending| *ending).await;
        })
        .into_future();
    tokio::pin!(serving);
    tokio::select! {
        result = &mut serving => return result,
        () = shutdown => {}
    }
    ending.send_replace(true);
    timeout(FAREWELL, serving).await.unwrap_or(Ok(()))
}

type Screen = (Simulator, watch::Receiver<bool>);

async fn page(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn amounts() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], magic_amounts_json()).into_response()
}

/// `GET /display?seen=VERSION` answers once the display is another than that.
async fn display(State(screen): State<Screen>, RawQuery(query): RawQuery) -> Response {
    let (simulator, mut ending) = screen;
    let seen = query.as_deref().and_then(|query| query.strip_prefix("seen=")?.parse::<u64>().ok());
    let mut changes = simulator.0.deck.changes();
    tokio::select! {
        _ = timeout(LONG_POLL, changes.wait_for(|display| Some(display.version) != seen)) => {}
        _ = ending.wait_for(|ending| *ending) => {}
    }
    match serde_json::to_string(&simulator.display()) {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn press(
    State((simulator, _)): State<Screen>,
    Path((transaction, key)): Path<(u64, String)>,
) -> Response {
    match Key::named(&key) {
        None => (StatusCode::NOT_FOUND, "no such key").into_response(),
        Some(key) if simulator.0.deck.press(transaction, key) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Some(_) => (StatusCode::CONFLICT, "this payment waits for no key").into_response(),
    }
}

/// Lets in only browsers on this machine that ask for this page by a loopback
/// name (a name of the internet may point here), and presses of the page itself.
async fn guard(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if !["localhost", "127.0.0.1", "[::1]"].contains(&name) {
        return (StatusCode::FORBIDDEN, "this page answers to localhost only").into_response();
    }
    let reads = request.method() == "GET" || request.method() == "HEAD";
    if !reads && text(headers, header::ORIGIN.as_str()) != format!("http://{host}") {
        return (StatusCode::FORBIDDEN, "only this page may press its keys").into_response();
    }
    let mut response = next.run(request).await;
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::deck::Phase;
    use super::super::ledger::{Ending, Ledger};
    use super::super::script::Script;
    use super::super::terminal::bench::{Bench, DEBIT, text};
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    struct Page {
        address: String,
        _stop: tokio::sync::oneshot::Sender<()>,
    }

    impl Page {
        async fn open(simulator: &Simulator) -> Page {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            tokio::spawn(serve_screen(listener, simulator.clone(), async {
                let _ = stopped.await;
            }));
            let page = Page { address, _stop: stop };
            // Once it answers, the screen counts as shown.
            page.ask("GET", "/display", &page.address, "").await;
            page
        }

        async fn ask(&self, method: &str, path: &str, host: &str, headers: &str) -> String {
            let mut socket = TcpStream::connect(&self.address).await.unwrap();
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
            );
            socket.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await.unwrap();
            answer
        }

        async fn press(&self, path: &str) -> String {
            let origin = format!("Origin: http://{}\r\n", self.address);
            self.ask("POST", path, &self.address, &origin).await
        }
    }

    async fn waiting_for_a_card(simulator: &Simulator) {
        let mut changes = simulator.0.deck.changes();
        changes.wait_for(|display| display.phase == Phase::Card).await.unwrap();
    }

    #[tokio::test]
    async fn a_person_decides_while_the_screen_is_shown() {
        let bench = Bench::with(Script::default()).await;
        let page = Page::open(&bench.simulator).await;
        for (path, expected, ending) in [
            ("/press/1/chip", "CC003001", Ending::Approved),
            ("/press/2/contactless", "CC00300B", Ending::Approved),
            ("/press/3/red", "AE00201AF00206", Ending::Declined),
            ("/press/4/refuse", "AE00201AF00204", Ending::Declined),
        ] {
            let asked = tokio::spawn(bench.ask(DEBIT));
            waiting_for_a_card(&bench.simulator).await;
            assert!(page.press(path).await.starts_with("HTTP/1.1 204"));
            let answer = text(&asked.await.unwrap());
            assert!(answer.contains(expected), "{answer}");
            assert_eq!(bench.ledger().last().unwrap().outcome, ending);
            assert!(page.press(path).await.starts_with("HTTP/1.1 409"), "twice");
        }
        let refused = text(&bench.ask(&DEBIT.replace("1590", "5100")).await);
        assert!(refused.contains("AF00204"), "magic amounts need nobody: {refused}");
    }

    #[tokio::test]
    async fn the_screen_tells_what_is_asked_and_the_question_waits_for_news() {
        let bench = Bench::with(Script::default()).await;
        let page = Page::open(&bench.simulator).await;
        let host = page.address.clone();
        let question = format!("/display?seen={}", bench.simulator.display().version);
        let (news, ()) = tokio::join!(page.ask("GET", &question, &host, ""), async {
            tokio::spawn(bench.ask(DEBIT));
            waiting_for_a_card(&bench.simulator).await;
        });
        assert!(news.contains(r#""phase":"card","operation":"debit","amount":1590"#), "{news}");
        assert!(page.press("/press/1/silence").await.starts_with("HTTP/1.1 204"));
        while bench.ledger().is_empty() {
            tokio::task::yield_now().await;
        }
        let charge = &bench.ledger()[0];
        assert_eq!((charge.outcome, charge.paid), (Ending::Silence, 1590));
    }

    #[tokio::test]
    async fn only_this_machine_and_this_page_may_press() {
        let bench = Bench::with(Script::default()).await;
        let page = Page::open(&bench.simulator).await;
        let host = page.address.clone();
        for (method, host, headers, expected) in [
            ("GET", host.as_str(), "", "200"),
            ("GET", "localhost:9", "", "200"),
            ("GET", "[::1]:9", "", "200"),
            ("GET", "localhost", "", "200"),
            ("GET", "rebound.example", "", "403"),
            ("GET", "127.0.0.1.rebound.example:80", "", "403"),
            ("GET", "", "", "403"),
        ] {
            let answer = page.ask(method, "/", host, headers).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{host}: {answer}");
        }
        let foreign = "Origin: https://shop.example\r\n";
        for headers in ["", foreign, "Origin: null\r\n"] {
            let answer = page.ask("POST", "/press/1/chip", &host, headers).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{headers}: {answer}");
        }
        assert!(page.press("/press/1/chip").await.starts_with("HTTP/1.1 409"));
        assert!(page.press("/press/1/hammer").await.starts_with("HTTP/1.1 404"));
        let html = page.ask("GET", "/", &host, "").await;
        assert!(html.contains("content-security-policy: default-src 'none'"), "{html}");
        assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("onclick"));
    }

    #[tokio::test]
    async fn the_screen_stays_on_this_machine_and_stops_when_told() {
        let simulator = Simulator::new(Script::default(), Ledger::in_memory());
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let error = serve_screen(listener, simulator.clone(), async {}).await.unwrap_err();
        assert!(error.to_string().contains("loopback"), "{error}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        serve_screen(listener, simulator.clone(), async {}).await.unwrap();
        assert!(!simulator.0.deck.is_shown());
    }
}
