/* places.c - tables. The cities of the countries take turns, so that even a few shops are spread over the
 * world. */
#include "tools/sample/places.h"

#include "base/err.h"

/* ---- names of people ------------------------------------------------------ */

#define NAMES(set, is_family_first)                                                                          \
    static const name_set set = {set##_female,          set##_male,                                          \
                                 set##_family,          ARRAY_LEN(set##_female),                             \
                                 ARRAY_LEN(set##_male), ARRAY_LEN(set##_family),                             \
                                 is_family_first}

static const char *const chinese_female[] = {"秀英", "静",   "敏",   "丽",   "芳",   "娜",   "艳",
                                             "霞",   "婷",   "雪",   "慧",   "欣怡", "梓涵", "诗涵",
                                             "雨桐", "佳怡", "思雨", "晓燕", "玉兰", "桂英"};
static const char *const chinese_male[] = {"伟",   "强",   "磊",   "洋",   "勇",   "军",   "杰",
                                           "涛",   "明",   "超",   "浩然", "宇轩", "子豪", "俊杰",
                                           "建国", "志强", "文博", "天宇", "海波", "国平"};
static const char *const chinese_family[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴",
                                             "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗",
                                             "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧"};
NAMES(chinese, 1);

static const char *const japanese_female[] = {"陽菜", "結衣",   "美咲", "さくら", "愛",   "優子",
                                              "恵子", "真由美", "明美", "直美",   "裕子", "由美子",
                                              "彩",   "遥",     "葵",   "凛"};
static const char *const japanese_male[] = {"翔太", "大輔", "健一", "拓也", "直樹", "誠", "浩", "翔",
                                            "蓮",   "悠真", "隆",   "徹",   "剛",   "学", "亮", "大和"};
static const char *const japanese_family[] = {"佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺",   "山本",
                                              "中村", "小林", "加藤", "吉田", "山田", "佐々木", "山口",
                                              "松本", "井上", "木村", "林",   "斎藤", "清水"};
NAMES(japanese, 1);

static const char *const german_female[] = {
    "Anna",   "Emma",  "Hannah", "Lena",   "Lea",     "Marie",  "Sophie", "Laura", "Julia",  "Katharina",
    "Sabine", "Petra", "Monika", "Ursula", "Claudia", "Birgit", "Jana",   "Greta", "Frieda", "Käthe"};
static const char *const german_male[] = {
    "Paul",    "Leon",   "Jonas", "Finn",     "Lukas", "Felix", "Maximilian", "Stefan", "Thomas", "Andreas",
    "Michael", "Jürgen", "Klaus", "Wolfgang", "Uwe",   "Jörg",  "Matthias",   "Emil",   "Anton",  "Björn"};
static const char *const german_family[] = {
    "Müller",     "Schmidt", "Schneider", "Fischer", "Weber",  "Meyer",   "Wagner",   "Becker",  "Schulz",
    "Hoffmann",   "Koch",    "Bauer",     "Richter", "Klein",  "Wolf",    "Schröder", "Neumann", "Schwarz",
    "Zimmermann", "Krüger",  "Hartmann",  "Lange",   "Krause", "Lehmann", "Groß",     "Jäger"};
NAMES(german, 0);

static const char *const french_female[] = {"Camille",  "Léa",      "Manon",   "Chloé",     "Emma",
                                            "Inès",     "Jade",     "Louise",  "Alice",     "Juliette",
                                            "Nathalie", "Isabelle", "Sylvie",  "Catherine", "Françoise",
                                            "Hélène",   "Zoé",      "Margaux", "Élodie",    "Anaïs"};
static const char *const french_male[] = {
    "Lucas",  "Hugo",     "Louis",    "Gabriel", "Arthur", "Jules",   "Nicolas", "Julien",  "Pierre", "Jean",
    "Michel", "Philippe", "François", "Benoît",  "Théo",   "Raphaël", "Étienne", "Olivier", "Luc",    "Rémi"};
static const char *const french_family[] = {
    "Martin",  "Bernard",  "Dubois",  "Thomas",  "Robert",  "Richard",  "Petit",  "Durand",   "Leroy",
    "Moreau",  "Simon",    "Laurent", "Lefèvre", "Michel",  "Garcia",   "David",  "Bertrand", "Roux",
    "Vincent", "Fournier", "Morel",   "Girard",  "Mercier", "Béranger", "Lambert"};
NAMES(french, 0);

static const char *const english_female[] = {
    "Olivia", "Amelia", "Isla",  "Ava",   "Mia",      "Grace", "Sophie",   "Emily",   "Charlotte", "Jessica",
    "Sarah",  "Laura",  "Karen", "Susan", "Margaret", "Linda", "Patricia", "Barbara", "Zoe",       "Megan"};
static const char *const english_male[] = {
    "Oliver", "George",  "Harry",  "Noah", "Jack",    "Leo",  "James", "William", "Thomas", "Daniel",
    "David",  "Michael", "Robert", "John", "Richard", "Mark", "Paul",  "Ryan",    "Ethan",  "Liam"};
static const char *const english_family[] = {
    "Smith",   "Jones",    "Taylor", "Brown",  "Williams", "Wilson",  "Johnson", "Davies", "Robinson",
    "Wright",  "Thompson", "Evans",  "Walker", "White",    "Roberts", "Green",   "Hall",   "Wood",
    "Jackson", "Clarke",   "Patel",  "Khan",   "Lewis",    "Morgan",  "O'Brien", "Murphy", "Kelly"};
NAMES(english, 0);

static const char *const spanish_female[] = {
    "Lucía",  "Sofía", "Martina", "María", "Paula", "Julia",  "Valeria",   "Carmen",   "Ana",
    "Isabel", "Pilar", "Teresa",  "Rosa",  "Elena", "Ximena", "Guadalupe", "Fernanda", "Alejandra"};
static const char *const spanish_male[] = {"Hugo",      "Mateo",  "Martín", "Lucas",   "Leo",       "Daniel",
                                           "Alejandro", "Manuel", "José",   "Antonio", "Francisco", "Javier",
                                           "Carlos",    "Miguel", "Ángel",  "Luis",    "Jesús",     "Íñigo"};
static const char *const spanish_family[] = {
    "García",  "Rodríguez", "González", "Fernández", "López",  "Martínez", "Sánchez", "Pérez",
    "Gómez",   "Martín",    "Jiménez",  "Hernández", "Ruiz",   "Díaz",     "Moreno",  "Muñoz",
    "Álvarez", "Romero",    "Núñez",    "Castillo",  "Ortega", "Ibáñez"};
NAMES(spanish, 0);

static const char *const portuguese_female[] = {
    "Maria", "Ana",   "Beatriz", "Júlia",   "Larissa",  "Camila",  "Fernanda",  "Gabriela", "Helena",
    "Alice", "Laura", "Luíza",   "Isabela", "Patrícia", "Adriana", "Conceição", "Letícia",  "Sônia"};
static const char *const portuguese_male[] = {"João",    "Pedro",   "Lucas",  "Gabriel", "Matheus", "Rafael",
                                              "Felipe",  "Gustavo", "Bruno",  "Thiago",  "Carlos",  "José",
                                              "Antônio", "Paulo",   "Marcos", "Davi",    "Luís",    "Caio"};
static const char *const portuguese_family[] = {
    "Silva",  "Santos",    "Oliveira", "Souza",   "Rodrigues", "Ferreira",  "Alves",   "Pereira",
    "Lima",   "Gomes",     "Costa",    "Ribeiro", "Martins",   "Carvalho",  "Almeida", "Lopes",
    "Araújo", "Conceição", "Barbosa",  "Rocha",   "Mendonça",  "Nascimento"};
NAMES(portuguese, 0);

static const char *const indian_female[] = {"Aadhya", "Ananya", "Diya",   "Saanvi", "Priya",   "Neha",
                                            "Pooja",  "Kavita", "Sunita", "Anjali", "Lakshmi", "Meera",
                                            "Radha",  "Shreya", "Deepa",  "Asha",   "Nisha",   "Rekha"};
static const char *const indian_male[] = {"Aarav",  "Vivaan", "Arjun",  "Rohan",  "Rahul",   "Amit",
                                          "Sanjay", "Vijay",  "Rajesh", "Suresh", "Ravi",    "Kiran",
                                          "Anil",   "Manoj",  "Deepak", "Nikhil", "Karthik", "Vikram"};
static const char *const indian_family[] = {"Sharma", "Verma",   "Gupta",  "Singh",    "Kumar",     "Patel",
                                            "Reddy",  "Nair",    "Iyer",   "Rao",      "Das",       "Mehta",
                                            "Joshi",  "Agarwal", "Chopra", "Banerjee", "Mukherjee", "Khan",
                                            "Desai",  "Pillai",  "Menon",  "Bose"};
NAMES(indian, 0);

/* ---- countries ------------------------------------------------------------ */

static const country china = {
    "CN", "中国", "Asia", &chinese, {"中心店", "南路店", "人民广场店", "大学城店", "北站店", "新区店"}, 65};
static const country germany = {
    "DE", "Germany", "Europe", &german, {"Zentrum", "Nord", "Süd", "Bahnhof", "West", "Ost"}, 35};
static const country usa = {"US",
                            "United States",
                            "Americas",
                            &english,
                            {"Downtown", "Northside", "Mall", "Airport Road", "Riverside", "Westfield"},
                            45};
static const country france = {
    "FR", "France", "Europe", &french, {"Centre", "Gare", "République", "Nord", "La Plaine", "Sud"}, 40};
static const country japan = {
    "JP", "日本", "Asia", &japanese, {"駅前店", "中央店", "北店", "南店", "東店", "西店"}, 40};
static const country brazil = {
    "BR", "Brazil", "Americas", &portuguese, {"Centro", "Norte", "Shopping", "Praça", "Sul", "Aeroporto"},
    55};
static const country uk = {"GB",
                           "United Kingdom",
                           "Europe",
                           &english,
                           {"High Street", "Station", "Retail Park", "Market Square", "Quays", "Parkway"},
                           40};
static const country india = {
    "IN",
    "India",
    "Asia",
    &indian,
    {"Main Bazaar", "MG Road", "Station Road", "City Mall", "Lake View", "Ring Road"},
    70};
static const country spain = {"ES",
                              "Spain",
                              "Europe",
                              &spanish,
                              {"Centro", "Estación", "Plaza Mayor", "Norte", "Puerto", "Universidad"},
                              40};
static const country mexico = {
    "MX", "Mexico", "Americas", &spanish, {"Centro", "Reforma", "Plaza", "Norte", "Universidad", "Sur"}, 55};

/* ---- cities --------------------------------------------------------------- */

const city places_cities[] = {
    {&china, "上海市", "上海", 260},
    {&germany, "Berlin", "Berlin", 120},
    {&usa, "California", "Los Angeles", 160},
    {&france, "Île-de-France", "Paris", 160},
    {&japan, "東京都", "東京", 150},
    {&brazil, "São Paulo", "São Paulo", 130},
    {&uk, "England", "London", 150},
    {&india, "Maharashtra", "Mumbai", 120},
    {&spain, "Comunidad de Madrid", "Madrid", 90},
    {&mexico, "Ciudad de México", "Ciudad de México", 100},
    {&china, "北京市", "北京", 240},
    {&germany, "Bayern", "München", 110},
    {&usa, "New York", "New York", 190},
    {&france, "Auvergne-Rhône-Alpes", "Lyon", 70},
    {&japan, "大阪府", "大阪", 90},
    {&brazil, "Rio de Janeiro", "Rio de Janeiro", 90},
    {&uk, "England", "Manchester", 60},
    {&india, "Karnataka", "Bengaluru", 110},
    {&spain, "Cataluña", "Barcelona", 80},
    {&mexico, "Jalisco", "Guadalajara", 50},
    {&china, "广东省", "深圳", 190},
    {&germany, "Hamburg", "Hamburg", 90},
    {&usa, "Texas", "Houston", 110},
    {&france, "Provence-Alpes-Côte d'Azur", "Marseille", 60},
    {&japan, "神奈川県", "横浜", 70},
    {&brazil, "São Paulo", "Campinas", 40},
    {&uk, "Scotland", "Edinburgh", 35},
    {&india, "Delhi", "Delhi", 110},
    {&spain, "Comunidad Valenciana", "Valencia", 45},
    {&mexico, "Nuevo León", "Monterrey", 45},
    {&china, "广东省", "广州", 180},
    {&germany, "Nordrhein-Westfalen", "Köln", 80},
    {&usa, "Illinois", "Chicago", 120},
    {&france, "Occitanie", "Toulouse", 50},
    {&japan, "愛知県", "名古屋", 55},
    {&brazil, "Minas Gerais", "Belo Horizonte", 50},
    {&uk, "England", "Birmingham", 50},
    {&india, "Tamil Nadu", "Chennai", 70},
    {&spain, "Andalucía", "Sevilla", 40},
    {&china, "浙江省", "杭州", 120},
    {&germany, "Hessen", "Frankfurt am Main", 70},
    {&usa, "California", "San Francisco", 100},
    {&france, "Provence-Alpes-Côte d'Azur", "Nice", 35},
    {&japan, "北海道", "札幌", 40},
    {&brazil, "Paraná", "Curitiba", 35},
    {&uk, "Wales", "Cardiff", 25},
    {&india, "Maharashtra", "Pune", 60},
    {&china, "四川省", "成都", 130},
    {&germany, "Bayern", "Nürnberg", 40},
    {&usa, "Washington", "Seattle", 90},
    {&france, "Auvergne-Rhône-Alpes", "Grenoble", 25},
    {&china, "湖北省", "武汉", 90},
    {&germany, "Nordrhein-Westfalen", "Düsseldorf", 50},
    {&usa, "Texas", "Austin", 70},
    {&china, "江苏省", "南京", 90},
    {&germany, "Sachsen", "Leipzig", 45},
    {&usa, "New York", "Buffalo", 30},
    {&china, "江苏省", "苏州", 80},
    {&usa, "Washington", "Spokane", 20},
    {&china, "陕西省", "西安", 70},
};
const uint32_t places_n_cities = ARRAY_LEN(places_cities);
