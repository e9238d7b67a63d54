"""What visitors do, other than buying: browse, look, search, sign in, fill a cart; and what bots do."""

from __future__ import annotations

from collections.abc import Callable

from webapp.demo.catalogue import COLLECTIONS, SEARCHES, Visitor, pick_product, pick_visitor
from webapp.demo.lines import RESERVE_FRAMES, go_trace, json_text, logfmt
from webapp.demo.model import DEBUG, ERROR, INFO, WARN, Attributes
from webapp.demo.span import Span, Trace

Upstream = Callable[[Span], int]
SCANNED = ("/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/", "/admin.php")


def open_page(trace: Trace, at_ns: int, visitor: Visitor) -> Span:
    """The storefront begins to answer a visitor."""
    return trace.begin("storefront", at_ns, {"user.id": visitor.user_id})


def close_page(page: Span, method: str, route: str, path: str, status: int, visitor: Visitor) -> None:
    """The storefront's access line."""
    page.spend(3)
    severity = ERROR if status >= 500 else WARN if status >= 400 else INFO
    page.log(
        severity,
        f"{method} {path} {status} in {page.elapsed_ms:.0f}ms",
        {
            "http.request.method": method,
            "http.route": route,
            "url.path": path,
            "http.response.status_code": status,
            "duration_ms": page.elapsed_ms,
            "client.address": visitor.address,
            "user_agent.original": visitor.agent,
            "geo.country.iso_code": visitor.country,
        },
    )


def through_gateway(page: Span, method: str, route: str, path: str, upstream: str, handle: Upstream) -> int:
    """Call a service through the API gateway, which logs one JSON line per request."""
    gateway = page.call("api-gateway")
    gateway.spend(0.8)
    status = handle(gateway)
    write_gateway_line(gateway, method, route, path, upstream, status)
    page.join(gateway)
    return status


def write_gateway_line(gateway: Span, method: str, route: str, path: str, upstream: str, status: int) -> None:
    """The gateway's access line."""
    severity, level = (ERROR, "error") if status >= 500 else (WARN, "warn") if status >= 400 else (INFO, "info")
    size = gateway.rng.randint(180, 48_000) if status < 400 else 96
    gateway.log(
        severity,
        json_text(
            {
                "level": level,
                "logger": "proxy",
                "msg": "request completed",
                "method": method,
                "path": path,
                "status": status,
                "upstream": upstream,
                "duration_ms": gateway.elapsed_ms,
                "bytes": size,
                "request_id": f"{gateway.trace.trace_id:032x}"[:16],
            }
        ),
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "upstream": upstream,
            "duration_ms": gateway.elapsed_ms,
        },
    )


def browse(trace: Trace, at_ns: int) -> None:
    """Open a collection."""
    visitor = pick_visitor(trace.rng)
    collection = trace.rng.choice(COLLECTIONS)
    page = open_page(trace, at_ns, visitor)
    page.log(DEBUG, "route matched /collections/[slug]", {"collection": collection})

    def handle(gateway: Span) -> int:
        catalog = gateway.call("catalog")
        _from_cache(catalog, f"collection:{collection}", 0.82, "SELECT … FROM products WHERE collection = $1", 24)
        catalog.log(INFO, f"listed collection {collection!r}: 24 products", {"collection": collection, "rows": 24})
        gateway.join(catalog)
        return 200

    path = f"/api/collections/{collection}"
    status = through_gateway(page, "GET", "/api/collections/{slug}", path, "catalog", handle)
    close_page(page, "GET", "/collections/[slug]", f"/collections/{collection}", status, visitor)


def look(trace: Trace, at_ns: int) -> None:
    """Open a product."""
    visitor = pick_visitor(trace.rng)
    product = pick_product(trace.rng)
    page = open_page(trace, at_ns, visitor)

    def handle(gateway: Span) -> int:
        catalog = gateway.call("catalog")
        about: Attributes = {"product.sku": product.sku}
        _from_cache(catalog, f"product:{product.sku}", 0.7, "SELECT … FROM products WHERE sku = $1", 1)
        stock = catalog.call("inventory")
        stock.spend(2.2)
        left = trace.rng.randint(0, 40)
        stock.log(DEBUG, f"stock sku={product.sku} available={left} warehouse=north", about | {"stock": left})
        catalog.join(stock)
        if left == 0:
            catalog.log(INFO, f"“{product.name}” is out of stock", about)
        catalog.log(INFO, f"product {product.sku} “{product.name}” served", about | {"price_cents": product.price})
        gateway.join(catalog)
        return 200

    path = f"/api/products/{product.sku}"
    status = through_gateway(page, "GET", "/api/products/{sku}", path, "catalog", handle)
    page.log(DEBUG, f"hydrated island “reviews” for {product.slug}", {"product.sku": product.sku})
    close_page(page, "GET", "/products/[slug]", f"/products/{product.slug}", status, visitor)


def search(trace: Trace, at_ns: int) -> None:
    """Search for something; now and then the index is slow, and rarely too slow."""
    visitor = pick_visitor(trace.rng)
    words = trace.rng.choice(SEARCHES)
    page = open_page(trace, at_ns, visitor)
    slow = trace.rng.random()

    def handle(gateway: Span) -> int:
        engine = gateway.call("search")
        engine.log(DEBUG, f'parsed query "{words}" into {len(words.split())} terms, fuzziness=AUTO', {"query": words})
        took = engine.spend(2400 if slow < 0.0006 else 420 if slow < 0.012 else 18)
        hits = trace.rng.randint(0, 60)
        found: Attributes = {"query": words, "hits": hits, "took_ms": took}
        if took > 1500:
            engine.log(ERROR, f"search timed out after 1500 ms on shard products[{trace.rng.randint(0, 4)}]", found)
            gateway.join(engine)
            return 504
        if took > 250:
            engine.log(WARN, f"slow search: took {took:.0f} ms for “{words}”", found)
        engine.log(INFO, f'search "{words}" → {hits} hits in {took:.0f} ms', found)
        gateway.join(engine)
        return 200

    status = through_gateway(page, "GET", "/api/search", "/api/search", "search", handle)
    close_page(page, "GET", "/search", "/search", status, visitor)


def sign_in(trace: Trace, at_ns: int) -> None:
    """Sign in; some mistype their password."""
    visitor = pick_visitor(trace.rng)
    page = open_page(trace, at_ns, visitor)
    good = trace.rng.random() > 0.09

    def handle(gateway: Span) -> int:
        auth = gateway.call("auth")
        hashed = auth.spend(58, 0.2)
        auth.log(DEBUG, logfmt(level="debug", msg="argon2 verify", user=visitor.user_id, duration=f"{hashed}ms"))
        if good:
            auth.log(
                INFO,
                logfmt(
                    level="info",
                    msg="token issued",
                    user=visitor.user_id,
                    name=visitor.name,
                    method="password",
                    ttl="12h",
                ),
            )
        else:
            auth.log(
                WARN,
                logfmt(
                    level="warn", msg="sign-in refused", user=visitor.user_id, reason="bad password", ip=visitor.address
                ),
                {"client.address": visitor.address},
            )
        gateway.join(auth)
        return 200 if good else 401

    status = through_gateway(page, "POST", "/api/session", "/api/session", "auth", handle)
    close_page(page, "POST", "/login", "/login", status, visitor)


def fill_cart(trace: Trace, at_ns: int) -> None:
    """Put a product into the cart."""
    visitor = pick_visitor(trace.rng)
    product = pick_product(trace.rng)
    page = open_page(trace, at_ns, visitor)

    def handle(gateway: Span) -> int:
        checkout = gateway.call("checkout")
        checkout.log(DEBUG, f"Redis HSET cart:{visitor.user_id} {product.sku} 1", {"db.system.name": "redis"})
        stock = checkout.call("inventory")
        stock.spend(2.4)
        if trace.rng.random() < 0.0004:
            stock.log(
                ERROR,
                go_trace("runtime error: index out of range [3] with length 3", RESERVE_FRAMES),
                {"product.sku": product.sku, "exception.type": "runtime.boundsError"},
            )
            checkout.join(stock)
            checkout.log(WARN, f"Stock of {product.sku} is unknown, adding to cart without a check")
        else:
            stock.log(DEBUG, f"stock sku={product.sku} checked for cart", {"product.sku": product.sku})
            checkout.join(stock)
        checkout.log(INFO, f"Added {product.sku} to cart of {visitor.user_id}", {"product.sku": product.sku})
        gateway.join(checkout)
        return 200

    status = through_gateway(page, "POST", "/api/cart/items", "/api/cart/items", "checkout", handle)
    close_page(page, "POST", "/cart", "/cart", status, visitor)


def scan(trace: Trace, at_ns: int) -> None:
    """A bot tries paths that the shop does not have."""
    path = trace.rng.choice(SCANNED)
    gateway = trace.begin("api-gateway", at_ns)
    gateway.spend(0.4)
    write_gateway_line(gateway, "GET", "", path, "none", 404)


def _from_cache(catalog: Span, key: str, hit_share: float, statement: str, rows: int) -> None:
    """Read through the cache, and from the database where the cache has nothing."""
    catalog.spend(0.6)
    if catalog.rng.random() < hit_share:
        catalog.log(DEBUG, f"cache hit {key}", {"cache.hit": True})
        catalog.spend(3)
        return
    catalog.log(DEBUG, f"cache miss {key}", {"cache.hit": False})
    took = catalog.spend(9)
    catalog.log(
        DEBUG,
        f"{statement} -- {rows} rows in {took} ms",
        {"db.system.name": "postgresql", "db.query.text": statement, "duration_ms": took, "rows": rows},
    )
