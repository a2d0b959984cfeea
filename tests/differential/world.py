"""A small random cube, twice: as files that Patron loads, and as lists that the definitions are written over.

Everything is small enough to look at: about a dozen members a hierarchy, some eighty facts. Amounts are multiples of
1/4, so that sums are exact in any order. There are hierarchies of every kind: with and without an all member, two over one
dimension, parent and child, ragged, and one whose members have keys, names and an order of their own. The cube [Shop] has all of
them; [Stock] has times and stores only, and the virtual cube [Both] has the measures of the two.
"""

import copy
import random

from evaluate import Unspecified


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
        self.data, self.is_data = None, False  # in a tree: the member that has its own facts only
        self.formula, self.solve_order, self.parts = None, 0, None
        self.stands_for = self  # a visual total: the member of which it is the total
        self.unique_name = None
        if parent and not is_null:
            parent.children.append(self)

    @property
    def is_calculated(self):
        return self.formula is not None

    def make_data(self):
        """The data member: named by the key, with the member's own facts."""
        d = self.data = Member(self.hierarchy, self.level, str(self.key), key=self.key)
        d.parent, d.rows, d.is_data = self, self.own_rows, True
        d.unique_name = f"{(self.hierarchy if self.parent.is_all else self.parent).unique}.[{d.name}]"

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
        if self.is_data:
            raise Unspecified("the place of a data member")
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
    def __init__(self, number, name, levels, has_all=True, is_tree=False, is_ragged=False, dimension=None):
        self.number, self.name, self.is_tree, self.is_ragged = number, name, is_tree, is_ragged
        self.dimension, self.is_restricted = dimension or name, False
        names = (["(All)"] if has_all else []) + [n for n, _ in levels]
        kinds = ([None] if has_all else []) + [k for _, k in levels]
        self.levels = [Level(self, n, i, k) for i, (n, k) in enumerate(zip(names, kinds))]
        self.all = Member(self, self.levels[0], f"All {name.split('.')[-1]}s", is_all=True) if has_all else None
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


SHOP, STOCK = (1 << 80) - 1, ((1 << 40) - 1) << 80  # the facts of each cube

STOCK_DIMENSIONS = ("Time", "Store")

MEASURES = [  # name, definition, what it adds up, of which facts
    ("Units", "SUM(units) INTEGER", ("sum", 0, SHOP)),
    ("Amount", "SUM(amount) DECIMAL(12,2)", ("sum", 1, SHOP)),
    ("Lines", "COUNT(*)", ("rows", None, SHOP)),
    ("Counted", "COUNT(units)", ("count", 0, SHOP)),
    ("Lowest", "MIN(units) INTEGER", ("min", 0, SHOP)),
    ("Highest", "MAX(amount) DECIMAL(12,2)", ("max", 1, SHOP)),
    ("Mean", "AVG(amount) DECIMAL(12,2)", ("avg", 1, SHOP)),
    ("Buyers", "DISTINCT COUNT([Customer])", ("distinct", 2, SHOP)),
]

STOCK_MEASURES = [
    ("Held", "SUM(held) INTEGER", ("sum", 0, STOCK)),
    ("Heaps", "COUNT(*)", ("rows", None, STOCK)),
    ("Peak", "MAX(held)", ("max", 0, STOCK)),
]

DEFINITIONS = """
CREATE TIME DIMENSION [Time] (KEY id INTEGER, ATTRIBUTE y INTEGER, q TEXT, m INTEGER, w INTEGER,
  HIERARCHY [Time] (LEVEL [Year] BY y TYPE YEAR, LEVEL [Quarter] BY q TYPE QUARTER, LEVEL [Month] BY m TYPE MONTH),
  HIERARCHY [Weekly] ALL 'All Weeklys' (LEVEL [Year] BY y TYPE YEAR, LEVEL [Week] BY w TYPE WEEK, LEVEL [Day] BY m TYPE DAY));
CREATE DIMENSION [Store] (KEY id INTEGER, ATTRIBUTE country TEXT, city TEXT, name TEXT, size INTEGER, kind TEXT,
  HIERARCHY [Store] ALL (LEVEL [Country] BY country, LEVEL [City] BY city,
    LEVEL [Shop] BY name PROPERTIES (size AS 'Size', kind AS 'Kind')));
CREATE DIMENSION [Product] (KEY id INTEGER, ATTRIBUTE family TEXT, code INTEGER, name TEXT, place INTEGER,
  HIERARCHY [Product] ALL (LEVEL [Family] BY family, LEVEL [Item] BY code NAME name ORDER BY place));
CREATE DIMENSION [Customer] (KEY id INTEGER, ATTRIBUTE gender TEXT,
  HIERARCHY [Gender] ALL (LEVEL [Sex] BY gender));
CREATE DIMENSION [Staff] (KEY id INTEGER, ATTRIBUTE name TEXT, boss INTEGER,
  HIERARCHY [Staff] ALL (LEVEL [Person] BY id NAME name PARENT boss));
CREATE DIMENSION [Place] (KEY id INTEGER, ATTRIBUTE country TEXT, state TEXT, city TEXT, depot TEXT,
  HIERARCHY [Place] ALL (LEVEL [Land] BY country, LEVEL [State] BY state HIDE IF PARENT NAME, LEVEL [Town] BY city HIDE IF BLANK,
    LEVEL [Depot] BY depot));
CREATE CUBE [Shop] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Product], DIMENSION [Customer].[Gender] AS [Gender],
  DIMENSION [Staff], DIMENSION [Place], %(shop)s,
  MEMBER [Measures].[Price] AS [Measures].[Amount] / [Measures].[Units],
  DEFAULT MEASURE [Units]);
CREATE CUBE [Stock] (DIMENSION [Time], DIMENSION [Store], %(stock)s);
CREATE VIRTUAL CUBE [Both] FROM [Shop], [Stock] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Shop].[Product],
  DIMENSION [Shop].[Gender], DIMENSION [Shop].[Staff], DIMENSION [Shop].[Place], %(both)s,
  MEMBER [Shop].[Measures].[Price], DEFAULT MEASURE [Units]);
CREATE SOURCE [files] TYPE csv OPTIONS (directory '%(directory)s', header ON, null '');
CREATE MAPPING [times] INTO DIMENSION [Time] FROM [files].'time.csv' (id, y, q, m, w);
CREATE MAPPING [stores] INTO DIMENSION [Store] FROM [files].'store.csv' (id, country, city, name, size, kind);
CREATE MAPPING [products] INTO DIMENSION [Product] FROM [files].'product.csv' (id, family, code, name, place);
CREATE MAPPING [customers] INTO DIMENSION [Customer] FROM [files].'customer.csv' (id, gender);
CREATE MAPPING [staff] INTO DIMENSION [Staff] FROM [files].'staff.csv' (id, name, boss);
CREATE MAPPING [places] INTO DIMENSION [Place] FROM [files].'place.csv' (id, country, state, city, depot);
CREATE MAPPING [facts] INTO CUBE [Shop] FROM [files].'fact.csv'
  ([Time] = time, [Store] = store, [Product] = product, [Customer] = customer, [Staff] = staff, [Place] = place, units, amount);
CREATE MAPPING [stock] INTO CUBE [Stock] FROM [files].'stock.csv' ([Time] = time, [Store] = store, held);
"""

PLACES = [  # a state that has its land's name is hidden, and so is a town without a name
    ("Due", "Due", "Dale", "D1"),
    ("Due", "Due", "Dorf", "D2"),
    ("Tre", "Tre", None, "D3"),
    ("Tre", "West", "Wels", "D4"),
    ("Uno", "North", "Nile", "D5"),
    ("Uno", "North", "Nord", "D6"),
    ("Uno", "South", "Sund", "D7"),
]


class World:
    cube = "Shop"

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tables = {}
        self.dimensions = []  # the hierarchies of each
        self.leaves = {}
        self.hierarchies = [Hierarchy(0, "Measures", [("MeasuresLevel", None)], has_all=False)]
        self._measures(MEASURES)
        self._time()
        self._stores()
        self._products()
        self._customers()
        self._staff()
        self._places()
        self._facts()
        self._stock()
        for m in self.hierarchy("Staff").members()[1:]:
            m.make_data()

    def hierarchy(self, name):
        return next(h for h in self.hierarchies if h.name == name)

    def _new(self, name, levels, **options):
        h = Hierarchy(len(self.hierarchies), name, levels, **options)
        self.hierarchies.append(h)
        return h

    def _dimension(self, *hierarchies):
        """The hierarchies with their lowest members, by key."""
        self.dimensions.append([h for h, _ in hierarchies])
        self.leaves.update(hierarchies)

    def _measures(self, measures):
        h = self.hierarchies[0]
        self.how = {}
        for name, _, how in measures:
            self.how[h.add(0, name, None)] = how
        self.price = h.add(0, "Price", None)

    def _time(self):
        h = self._new("Time", [("Year", "year"), ("Quarter", "quarter"), ("Month", "month")], has_all=False)
        weekly = self._new("Time.Weekly", [("Year", "year"), ("Week", "week"), ("Day", "day")], dimension="Time")
        rows, months, days = [], [], []
        for y in (2020, 2021):
            year, other_year, week = h.add(0, str(y), None, y), weekly.add(1, str(y), weekly.all, y), None
            for m in range(1, 7):
                if m in (1, 4):
                    quarter = h.add(1, f"Q{(m + 2) // 3}", year, f"Q{(m + 2) // 3}")
                if m % 2:
                    week = weekly.add(2, str((m + 1) // 2), other_year, (m + 1) // 2)
                months.append(h.add(2, str(m), quarter, m))
                days.append(weekly.add(3, str(m), week, m))
                rows.append((len(rows), y, quarter.name, m, week.name))
        self.tables["time"] = ("id,y,q,m,w", rows)
        self._dimension((h, months), (weekly, days))

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
        self._dimension((h, leaves))

    def _products(self):
        h = self._new("Product", [("Family", None), ("Item", None)])
        rows, leaves, places = [], [], list(range(7))
        self.random.shuffle(places)
        for family, items in (("Drink", ("Ale", "Tea", "茶")), ("Food", ("Bun", "Egg", "Fig", "Nut"))):
            f = h.add(1, family, h.all, family)
            for place, item in sorted((places.pop(), item) for item in items):
                key = 100 + (place * 5) % 7
                leaves.append(h.add(2, item, f, key))
                leaves[-1].order_key = place
                rows.append((len(rows), family, key, item, place))
        self.tables["product"] = ("id,family,code,name,place", rows)
        self._dimension((h, leaves))

    def _customers(self):
        h = self._new("Gender", [("Sex", None)])
        sexes = [h.add(1, s, h.all, s) for s in ("F", "M")]
        sex_of = sexes + [self.random.choice(sexes) for _ in range(7)]  # one of each, or it is no member
        self.tables["customer"] = ("id,gender", [(i, s.name) for i, s in enumerate(sex_of)])
        self._dimension((h, sex_of))

    def _staff(self):
        h = self._new("Staff", [("Person", None)], is_tree=True)
        bosses = [None, 0, 0, 1, 1, 2, None, 6]
        people = []
        for i, boss in enumerate(bosses):
            people.append(h.add(1, "Ann Bob Cid Dan Eve Fay Gus Hal".split()[i], people[boss] if boss is not None else h.all, i))
        self.tables["staff"] = ("id,name,boss", [(i, p.name, bosses[i]) for i, p in enumerate(people)])
        self._dimension((h, people))

    def _places(self):
        h = self._new("Place", [(n, None) for n in ("Land", "State", "Town", "Depot")], is_ragged=True)
        known, leaves = {}, []
        for place in PLACES:
            parent, path = h.all, h.unique
            for i, name in enumerate(place):
                path += f".[{name or '#null'}]"
                is_hidden = i == 1 and name == place[0] or name is None
                if path not in known and not is_hidden:
                    known[path] = h.add(i + 1, name, parent, name)
                    known[path].unique_name = path
                parent = parent if is_hidden else known[path]
            leaves.append(parent)
        self.tables["place"] = ("id,country,state,city,depot", [(i, *p) for i, p in enumerate(PLACES)])
        self._dimension((h, leaves))

    def _fact(self, number, ids, dimensions):
        bit = 1 << number
        for h in [h for hierarchies in dimensions for h in hierarchies]:
            m = self.leaves[h][ids[self.dimensions.index(next(d for d in self.dimensions if h in d))]]
            m.own_rows |= bit
            for a in [m] + m.ancestors():
                a.rows |= bit

    def _facts(self):
        r, rows = self.random, []
        self.facts = []
        sizes = [len(self.leaves[d[0]]) for d in self.dimensions]
        for i in range(80):
            ids = [r.randrange(n) for n in sizes]
            ids[1] = min(ids[1], r.randrange(sizes[1]))  # some shops sell little
            units = r.choice([None, 1, 2, 3, 5, 8])
            amount = r.choice([None, 0, 25, 50, 125, 400, -75, 1000])
            self._fact(i, ids, self.dimensions)
            self.facts.append((units, None if amount is None else amount / 100, ids[3]))
            rows.append((*ids, units, None if amount is None else f"{amount / 100:.2f}"))
        self.tables["fact"] = ("time,store,product,customer,staff,place,units,amount", rows)

    def _stock(self):
        """Facts of another cube: of the hierarchies that it has not, only the all members hold them."""
        r, rows = self.random, []
        for i in range(80, 120):
            ids = [r.randrange(len(self.leaves[d[0]])) for d in self.dimensions[:2]]
            held = r.choice([None, 4, 6, 7, 9])
            self._fact(i, ids, self.dimensions[:2])
            for h in [h for d in self.dimensions[2:] for h in d]:
                h.all.rows |= 1 << i
            self.facts.append((held,))
            rows.append((*ids, held))
        self.tables["stock"] = ("time,store,held", rows)

    def both(self):
        """The virtual cube: the same members, but for the measures."""
        w = copy.copy(self)
        w.cube = "Both"
        w.hierarchies = [Hierarchy(0, "Measures", [("MeasuresLevel", None)], has_all=False)] + self.hierarchies[1:]
        w._measures(MEASURES + STOCK_MEASURES)
        return w

    def restricted(self, axes):
        """What is left in a subselect whose axes are these lists of tuples: the facts of a tuple of each, and the members at, above
        and below those of the tuples."""
        rows, kept = -1, {}
        for tuples in axes:
            union = 0
            for t in tuples:
                t = [m for m in t if m.hierarchy.number]
                here = -1
                for m in t:
                    here &= m.rows
                    kept.setdefault(m.hierarchy.number, set()).update(m.below() + m.ancestors())
                union |= here
            rows &= union
        names = {n: {m.unique for m in members} for n, members in kept.items()}
        w = copy.deepcopy(self)
        for h in w.hierarchies[1:]:
            for m in h.members():
                m.rows &= rows
                if m.data:
                    m.data.rows &= rows
            if h.number in names:
                for m in h.members():
                    m.children = [c for c in m.children if c.unique in names[h.number]]
                h.is_restricted = True
                h.roots = [m for m in h.roots if m.unique in names[h.number]]
        return w

    def write(self, directory):
        """CSV files and definitions; returns the path of the latter."""
        for name, (header, rows) in self.tables.items():
            with open(f"{directory}/{name}.csv", "w", encoding="utf-8") as f:
                f.write(header + "\n")
                for row in rows:
                    f.write(",".join("" if v is None else str(v) for v in row) + "\n")
        path = f"{directory}/shop.patron"
        measures = {
            "shop": ", ".join(f"MEASURE [{n}] {d}" for n, d, _ in MEASURES),
            "stock": ", ".join(f"MEASURE [{n}] {d}" for n, d, _ in STOCK_MEASURES),
            "both": ", ".join([f"MEASURE [Shop].[{n}]" for n, _, _ in MEASURES] + [f"MEASURE [Stock].[{n}]" for n, _, _ in STOCK_MEASURES]),
        }
        with open(path, "w", encoding="utf-8") as f:
            f.write(DEFINITIONS % {"directory": directory, **measures})
        return path
