"""What the shop sells and who visits it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy; prices in cents."""

    sku: str
    slug: str
    name: str
    price: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer with an account."""

    user_id: str
    name: str
    country: str
    address: str
    agent: str


_NAMES = (
    ("oak-desk-140", "Oak desk 140 cm", 48900),
    ("lamp-are", "Läslampa «Åre»", 8900),
    ("chair-lotte", "Chair Lotte", 15900),
    ("matcha-bowl-set", "抹茶碗セット", 4200),
    ("rug-kilim-200", "Kilim 200×140", 21900),
    ("mug-zolty", "Kubek żółty", 1450),
    ("shelf-string-3", "String shelf, 3 boards", 18900),
    ("vase-azulejo", "Jarra «Azulejo»", 5600),
    ("blanket-wool-grey", "Wool blanket, grey", 7900),
    ("teapot-cast-iron", "Cast-iron teapot 0.8 l", 6900),
    ("mirror-round-60", "Miroir rond Ø 60", 9900),
    ("plant-monstera", "Monstera deliciosa 🌿", 3900),
    ("clock-wall-pine", "Wall clock, pine", 4500),
    ("cushion-linen", "Linen cushion", 2900),
    ("pan-copper-24", "Kupferpfanne 24 cm", 13900),
    ("poster-aegean", "Αφίσα «Αιγαίο»", 2400),
    ("candle-cedar", "Cedar candle", 1900),
    ("stool-birch", "Birch stool", 6500),
    ("towel-set-4", "Towel set, 4 pieces", 5200),
    ("bookend-brass", "Brass bookend, pair", 3400),
    ("knife-santoku", "三徳包丁 165 mm", 11900),
    ("basket-seagrass", "Seagrass basket", 2700),
    ("duvet-cover-140", "Bettbezug Größe 140×200", 8400),
    ("coat-rack-ash", "Ash coat rack", 17500),
)
PRODUCTS = tuple(
    Product(f"SKU-{1000 + 37 * place}", slug, name, price) for place, (slug, name, price) in enumerate(_NAMES)
)
COLLECTIONS = ("living-room", "kitchen", "bedroom", "lighting", "sale", "new", "office", "textiles")
SEARCHES = (
    "lamp", "oak desk", "wool blanket", "stuhl", "größe 140", "chair", "vase", "матрёшка", "teapot", "mirror round",
    "shelf", "抹茶", "linen", "candle", "kilim", "gift card", "brass", "stool",
)  # fmt: skip
_FIRST_NAMES = (
    "Zoë", "Łukasz", "Marta", "José", "Anaïs", "Jürgen", "Siân", "Søren", "Aylin", "明美", "Дарья", "Ngọc", "Björk",
    "Ömer", "Chloe", "Tom", "Ines", "Aoife", "Mateus", "Ravi", "Noor", "Élodie", "Γιώργος", "Hanna",
)  # fmt: skip
_COUNTRIES = ("SE", "PL", "DE", "ES", "FR", "GB", "DK", "TR", "JP", "PT", "NL", "IE")
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",  # noqa: E501
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
)
VISITORS = 5000


def pick_product(rng: Random) -> Product:
    """Any product, the first ones more often."""
    return PRODUCTS[int(rng.random() ** 1.8 * len(PRODUCTS))]


def pick_visitor(rng: Random) -> Visitor:
    """Any visitor, regular ones more often."""
    number = int(rng.random() ** 2 * VISITORS)
    mixed = number * 2654435761 % 2**32  # spreads neighbours, so that ids look like ids
    return Visitor(
        user_id=f"u_{mixed:08x}",
        name=_FIRST_NAMES[mixed % len(_FIRST_NAMES)],
        country=_COUNTRIES[mixed // 7 % len(_COUNTRIES)],
        address=f"{'203.0.113' if mixed & 1 else '198.51.100'}.{mixed // 13 % 254 + 1}",
        agent=_AGENTS[mixed // 5 % len(_AGENTS)],
    )
