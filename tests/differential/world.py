"""A small random cube, twice: as files that Patron loads, and as lists that the definitions are written over.

Everything is small enough to look at: about a dozen members a hierarchy, some eighty facts. Amounts are multiples of
1/4, so that sums are exact in any order.
"""

import random


class Level:
    def __init__(self, hierarchy, name, number, kind=None):
        self.hierarchy, self.name, self.number, self.kind = hierarchy, name, number, kind

    @property
    def unique(self):
        return f"{self.hierarchy.unique}.[{self.name}]"

    def members(self):
        return [m for m in self.hierarchy.members() if m.level is self]


class Member:
    """A stored member, a calculated one (formula), or the null member of a hierarchy (is_null)."""

    def __init__(self, hierarchy, level, name, parent=None, key=None, is_all=False, is_null=False):
        self.hierarchy, self.level, self.name, self.parent, self.key = hierarchy, level, name, parent, key
        self.is_all, self.is_null = is_all, is_null
        self.children, self.properties = [], {}
        self.rows = 0  # the facts below it, a bit each
        self.own_rows = 0
        self.formula, self.solve_order, self.parts = None, 0, None
        self.stands_for = self  # a visual total: the member of which it is the total
        self.unique_name = None
        if parent and not is_null:
            parent.children.append(self)

    @property
    def is_calculated(self):
        return self.formula is not None

    @property
    def is_made(self):
        """By the statement: calculated, or a visual total."""
        return self.is_calculated or self.parts is not None

    @property
    def unique(self):
        if self.unique_name:
            return self.unique_name
        above = self.parent
        if above is None or above.is_all:
            return f"{self.hierarchy.unique}.[{self.name}]"
        return f"{above.unique}.[{self.name}]"

    def ancestors(self):
        """Nearest first, without itself."""
        m, out = self.parent, []
        while m is not None:
            out.append(m)
            m = m.parent
        return out

    def is_below(self, other):
        return other.stands_for in self.ancestors()

    def below(self):
        """Itself and all descendants, in natural order."""
        out = [self]
        for c in self.children:
            out += c.below()
        return out

    def siblings(self):
        return self.parent.children if self.parent else self.hierarchy.roots

    def depth(self):
        return len(self.ancestors())

    def __repr__(self):
        return self.unique


class Hierarchy:
    def __init__(self, number, name, levels, has_all=True, is_tree=False):
        self.number, self.name, self.is_tree = number, name, is_tree
        names = (["(All)"] if has_all else []) + [n for n, _ in levels]
        kinds = ([None] if has_all else []) + [k for _, k in levels]
        self.levels = [Level(self, n, i, k) for i, (n, k) in enumerate(zip(names, kinds))]
        self.all = Member(self, self.levels[0], f"All {name}s", is_all=True) if has_all else None
        self.roots = [self.all] if has_all else []
        self.null = Member(self, self.levels[0], "#null", is_null=True)

    @property
    def unique(self):
        return f"[{self.name}]"

    @property
    def default(self):
        return self.roots[0]

    def members(self):
        return [m for r in self.roots for m in r.below()]

    def add(self, level, name, parent, key=None):
        m = Member(self, self.levels[level], name, parent, key)
        if parent is None:
            self.roots.append(m)
        return m


MEASURES = [  # name, definition, what it adds up
    ("Units", "SUM(units) INTEGER", ("sum", 0)),
    ("Amount", "SUM(amount) DECIMAL(12,2)", ("sum", 1)),
    ("Lines", "COUNT(*)", ("rows", None)),
    ("Counted", "COUNT(units)", ("count", 0)),
    ("Lowest", "MIN(units) INTEGER", ("min", 0)),
    ("Highest", "MAX(amount) DECIMAL(12,2)", ("max", 1)),
    ("Mean", "AVG(amount) DECIMAL(12,2)", ("avg", 1)),
    ("Buyers", "DISTINCT COUNT([Customer])", ("distinct", None)),
]

DEFINITIONS = """
CREATE TIME DIMENSION [Time] (KEY id INTEGER, ATTRIBUTE y INTEGER, q TEXT, m INTEGER,
  HIERARCHY [Time] (LEVEL [Year] BY y TYPE YEAR, LEVEL [Quarter] BY q TYPE QUARTER, LEVEL [Month] BY m TYPE MONTH));
CREATE DIMENSION [Store] (KEY id INTEGER, ATTRIBUTE country TEXT, city TEXT, name TEXT, size INTEGER, kind TEXT,
  HIERARCHY [Store] ALL (LEVEL [Country] BY country, LEVEL [City] BY city,
    LEVEL [Shop] BY name PROPERTIES (size AS 'Size', kind AS 'Kind')));
CREATE DIMENSION [Product] (KEY id INTEGER, ATTRIBUTE family TEXT, name TEXT,
  HIERARCHY [Product] ALL (LEVEL [Family] BY family, LEVEL [Item] BY name));
CREATE DIMENSION [Customer] (KEY id INTEGER, ATTRIBUTE gender TEXT,
  HIERARCHY [Gender] ALL (LEVEL [Sex] BY gender));
CREATE DIMENSION [Staff] (KEY id INTEGER, ATTRIBUTE name TEXT, boss INTEGER,
  HIERARCHY [Staff] ALL (LEVEL [Person] BY id NAME name PARENT boss));
CREATE CUBE [Shop] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Product], DIMENSION [Customer].[Gender] AS [Gender],
  DIMENSION [Staff], %s,
  MEMBER [Measures].[Price] AS [Measures].[Amount] / [Measures].[Units],
  DEFAULT MEASURE [Units]);
CREATE SOURCE [files] TYPE csv OPTIONS (directory '%s', header ON, null '');
CREATE MAPPING [times] INTO DIMENSION [Time] FROM [files].'time.csv' (id, y, q, m);
CREATE MAPPING [stores] INTO DIMENSION [Store] FROM [files].'store.csv' (id, country, city, name, size, kind);
CREATE MAPPING [products] INTO DIMENSION [Product] FROM [files].'product.csv' (id, family, name);
CREATE MAPPING [customers] INTO DIMENSION [Customer] FROM [files].'customer.csv' (id, gender);
CREATE MAPPING [staff] INTO DIMENSION [Staff] FROM [files].'staff.csv' (id, name, boss);
CREATE MAPPING [facts] INTO CUBE [Shop] FROM [files].'fact.csv'
  ([Time] = time, [Store] = store, [Product] = product, [Customer] = customer, [Staff] = staff, units, amount);
"""


class World:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tables = {}
        self.hierarchies = [Hierarchy(0, "Measures", [("MeasuresLevel", None)], has_all=False)]
        self._measures()
        self._time()
        self._stores()
        self._products()
        self._customers()
        self._staff()
        self._facts()

    def _new(self, name, levels, **options):
        h = Hierarchy(len(self.hierarchies), name, levels, **options)
        self.hierarchies.append(h)
        return h

    def _measures(self):
        h = self.hierarchies[0]
        self.how = {}
        for name, _, how in MEASURES:
            self.how[h.add(0, name, None)] = how
        self.price = h.add(0, "Price", None)

    def _time(self):
        h = self._new("Time", [("Year", "year"), ("Quarter", "quarter"), ("Month", "month")], has_all=False)
        rows, month_of = [], []
        for y in (2020, 2021):
            year = h.add(0, str(y), None, y)
            for q in (1, 2):
                quarter = h.add(1, f"Q{q}", year, f"Q{q}")
                for m in range(3 * q - 2, 3 * q + 1):
                    month_of.append(h.add(2, str(m), quarter, m))
                    rows.append((len(rows), y, f"Q{q}", m))
        self.tables["time"] = ("id,y,q,m", rows)
        self.leaves = {h: month_of}

    def _stores(self):
        h = self._new("Store", [("Country", None), ("City", None), ("Shop", None)])
        rows, leaves = [], []
        for country, cities in (("Alba", ("Aix", "Arc")), ("Bora", ("Bay",)), ("Cila", ("Cap", "Cove", "Crag"))):
            a = h.add(1, country, h.all, country)
            for city in cities:
                b = h.add(2, city, a, city)
                for i in range(self.random.randint(1, 2)):
                    shop = h.add(3, f"{city} {i + 1}", b, f"{city} {i + 1}")
                    size = self.random.choice([None, 10, 20, 35, 50])
                    kind = self.random.choice(["big", "small", None])
                    shop.properties = {"Size": size, "Kind": kind}
                    rows.append((len(rows), country, city, shop.name, size, kind))
                    leaves.append(shop)
        self.tables["store"] = ("id,country,city,name,size,kind", rows)
        self.leaves[h] = leaves

    def _products(self):
        h = self._new("Product", [("Family", None), ("Item", None)])
        rows, leaves = [], []
        for family, items in (("Drink", ("Ale", "Tea", "茶")), ("Food", ("Bun", "Egg", "Fig", "Nut"))):
            f = h.add(1, family, h.all, family)
            for item in items:
                leaves.append(h.add(2, item, f, item))
                rows.append((len(rows), family, item))
        self.tables["product"] = ("id,family,name", rows)
        self.leaves[h] = leaves

    def _customers(self):
        h = self._new("Gender", [("Sex", None)])
        sexes = [h.add(1, s, h.all, s) for s in ("F", "M")]
        self.sex_of = sexes + [self.random.choice(sexes) for _ in range(7)]  # one of each, or it is no member
        self.tables["customer"] = ("id,gender", [(i, s.name) for i, s in enumerate(self.sex_of)])
        self.leaves[h] = self.sex_of

    def _staff(self):
        h = self._new("Staff", [("Person", None)], is_tree=True)
        bosses = [None, 0, 0, 1, 1, 2, None, 6]
        people = []
        for i, boss in enumerate(bosses):
            people.append(h.add(1, "Ann Bob Cid Dan Eve Fay Gus Hal".split()[i], people[boss] if boss is not None else h.all, i))
        self.tables["staff"] = ("id,name,boss", [(i, p.name, bosses[i]) for i, p in enumerate(people)])
        self.leaves[h] = people

    def _facts(self):
        r, rows = self.random, []
        dims = self.hierarchies[1:]
        self.facts = []
        for i in range(80):
            ids = [r.randrange(len(self.leaves[h])) for h in dims]
            ids[1] = min(ids[1], r.randrange(len(self.leaves[dims[1]])))  # some shops sell little
            units = r.choice([None, 1, 2, 3, 5, 8])
            amount = r.choice([None, 0, 25, 50, 125, 400, -75, 1000])
            for h, leaf in zip(dims, ids):
                m = self.leaves[h][leaf]
                m.own_rows |= 1 << i
                for a in [m] + m.ancestors():
                    a.rows |= 1 << i
            self.facts.append((units, None if amount is None else amount / 100, ids[3]))
            rows.append((*ids, units, None if amount is None else f"{amount / 100:.2f}"))
        self.tables["fact"] = ("time,store,product,customer,staff,units,amount", rows)

    def write(self, directory):
        """CSV files and definitions; returns the path of the latter."""
        for name, (header, rows) in self.tables.items():
            with open(f"{directory}/{name}.csv", "w", encoding="utf-8") as f:
                f.write(header + "\n")
                for row in rows:
                    f.write(",".join("" if v is None else str(v) for v in row) + "\n")
        path = f"{directory}/shop.patron"
        with open(path, "w", encoding="utf-8") as f:
            f.write(DEFINITIONS % (", ".join(f"MEASURE [{n}] {d}" for n, d, _ in MEASURES), directory))
        return path
