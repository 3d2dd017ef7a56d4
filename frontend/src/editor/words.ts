/**
 * Words that the editor completes, by its mode: keywords, and names of the library that programs for a judge use.
 * Loaded with the editor's extras, after the first key press.
 */
const CPP_KEYWORDS =
  "alignas auto bool break case catch char class const consteval constexpr continue decltype default delete do double else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept nullptr operator private protected public return short signed sizeof static static_assert static_cast struct switch template this throw true try typedef typename union unsigned using virtual void volatile while";
const CPP_NAMES =
  "abs accumulate all_of any_of array assign at back back_inserter begin binary_search bitset cbegin ceil cend cerr char16_t cin clear complex copy count count_if cout deque distance emplace emplace_back empty end endl erase fill find find_if first fixed floor forward_list front function gcd get getline greater hash hypot inner_product insert int64_t iota is_sorted istringstream iterator lcm less list llabs lower_bound make_pair make_tuple map max max_element memset merge min min_element minmax mod move multimap multiset next next_permutation nth_element numeric_limits ostringstream pair partial_sort partial_sum pop pop_back pop_front pow prev prev_permutation priority_queue push push_back push_front queue rbegin regex remove rend replace reserve resize reverse rotate round second set set_intersection setprecision setw shuffle size size_t sort sqrt stable_sort stack stod stoi stol stoll stoul string string_view stringstream substr sum swap to_string top transform tuple uint32_t uint64_t unique unordered_map unordered_set upper_bound vector";
const C_NAMES =
  "abs atoi atoll bsearch calloc EOF exit fgets fopen fprintf fputs fread free fscanf fwrite getchar getline int64_t isalpha isdigit islower isspace isupper labs llabs malloc memcmp memcpy memmove memset NULL printf putchar puts qsort realloc scanf size_t snprintf sprintf sqrt sscanf stderr stdin stdout strcat strchr strcmp strcpy strlen strncmp strncpy strstr strtok strtol strtoll tolower toupper uint64_t";
const JAVA_KEYWORDS =
  "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for if implements import instanceof int interface long native new null package private protected public record return sealed short static super switch synchronized this throw throws transient true try var void volatile while yield";
const JAVA_NAMES =
  "add addAll addFirst addLast append ArrayDeque ArrayList Arrays asList BigDecimal BigInteger BitSet Boolean BufferedReader BufferedWriter ceil Character charAt clear Collections Collectors collect Comparator compareTo contains containsKey containsValue Deque Double entrySet equals fill filter flush forEach get getKey getOrDefault getValue hashCode HashMap HashSet hasNext hasNextInt indexOf InputStreamReader Integer IntStream isDigit isEmpty Iterator join keySet length LinkedHashMap LinkedList List Long Map mapToInt Math max merge min MIN_VALUE MAX_VALUE nextInt nextLine nextLong offer Optional out parseInt parseLong peek poll pollFirst pollLast pop pow print printf println PrintWriter PriorityQueue push put putIfAbsent Queue Random range readLine remove replace reverse reverseOrder Scanner Set setCharAt size sort split sqrt Stack stream StreamTokenizer String StringBuilder StringTokenizer substring sum swap System toArray toCharArray toList toLowerCase toString toUpperCase TreeMap TreeSet trim valueOf values";
const PYTHON_KEYWORDS =
  "False None True and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield";
const PYTHON_NAMES =
  "abs accumulate add all any append array bisect bisect_left bisect_right bool bytes cache capitalize ceil chain chr clear collections combinations comb copy count Counter cycle decode deepcopy defaultdict deque dict discard divmod endswith enumerate eval extend extendleft factorial filter find float floor format Fraction frozenset functools gcd get groupby hash heapify heappop heappush heapq hex index inf input insert insort int isalpha isdigit isinstance isqrt items iter itertools join json keys lcm len list log log2 lower lru_cache map math max min most_common namedtuple next open operator ord OrderedDict partial permutations pop popitem popleft pow print prod product range re read readline readlines reduce remove repeat replace reversed rfind rotate round rstrip set setdefault setrecursionlimit sort sorted split splitlines sqrt startswith stdin stdout str strip sub sum swapcase sys title tuple union update upper values write zip zip_longest";
const JS_KEYWORDS =
  "async await break case catch class const continue debugger default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield";
const JS_NAMES =
  "abs Array at BigInt BigInt64Array Boolean ceil charAt charCodeAt codePointAt concat console createInterface Date endsWith entries Error every exit fill filter find findIndex flat flatMap Float64Array floor forEach fromCharCode fromEntries has hypot includes indexOf Infinity Int32Array isArray isInteger isNaN join JSON keys lastIndexOf length localeCompare log log2 map Map match Math max min NaN Number Object on padEnd padStart parse parseFloat parseInt pop pow process Promise prototype push random readFileSync readline reduce reduceRight RegExp repeat replace replaceAll require reverse round Set set shift sign slice some sort splice split sqrt startsWith stdin stdout String stringify substring Symbol test then toFixed toLowerCase toString toUpperCase trim trunc Uint8Array unshift values write";
const TS_KEYWORDS =
  "abstract any as boolean declare enum implements interface is keyof namespace never number private protected public readonly string type unknown";

const WORDS: Record<string, { keywords: string; names: string }> = {
  c: { keywords: CPP_KEYWORDS, names: C_NAMES },
  cpp: { keywords: CPP_KEYWORDS, names: CPP_NAMES },
  java: { keywords: JAVA_KEYWORDS, names: JAVA_NAMES },
  javascript: { keywords: JS_KEYWORDS, names: JS_NAMES },
  python: { keywords: PYTHON_KEYWORDS, names: PYTHON_NAMES },
  typescript: { keywords: `${JS_KEYWORDS} ${TS_KEYWORDS}`, names: JS_NAMES },
};

export interface Word {
  label: string;
  type: "keyword" | "function";
}

/** The words of a mode; none for a mode without a list. */
export function wordsOf(mode: string): Word[] {
  const found = WORDS[mode];
  if (!found) return [];
  const keywords = found.keywords.split(" ").map((label) => ({ label, type: "keyword" as const }));
  const names = found.names.split(" ").map((label) => ({ label, type: "function" as const }));
  return [...keywords, ...names];
}
