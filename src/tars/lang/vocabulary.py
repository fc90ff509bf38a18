"""The vocabulary of metascripts: every block, label and attribute with its type, aliases, default and documentation.

The one source for checking, completion, the JSON Schema, the formatter's spellings and the reference pages.
"""

from typing import Final

from tars.lang.kinds import AttributeType as Attribute
from tars.lang.kinds import BlockType, Kind

_FILES = BlockType(
    "files",
    'Paths beside its inputs and outputs that the module may use. `files = ["data"]` is the short form for reading.',
    attributes=(
        Attribute("read", Kind.PATHS, "Files and folders that it may read."),
        Attribute("write", Kind.PATHS, "Files and folders that it may also write."),
    ),
    many=False,
)

_RESOURCES = BlockType(
    "resources",
    "What the module may use of the machine. What is not granted here is closed in a sandbox.",
    attributes=(
        Attribute("cpu", Kind.NUMBER, "Processor cores, also in parts: `0.5`.", default="no limit"),
        Attribute("memory", Kind.SIZE, "The most memory that its processes may hold together.", default="no limit"),
        Attribute("gpu", Kind.COUNT_OR_BOOL, "Graphics processors.", default="none"),
        Attribute("network", Kind.BOOL, "Whether it may use the network.", default="false"),
        Attribute(
            "image",
            Kind.STRING,
            "The root of its container: `name@sha256:…`, or a folder of the project that holds a root file system.",
            default="this machine's own programs",
        ),
        Attribute("files", Kind.FILES, "The short form of the `files` block: paths that it may read."),
    ),
    blocks=(_FILES,),
    many=False,
    example='resources {\n  memory  = "512MB"\n  network = true\n  files {\n    read = ["data"]\n  }\n}',
)

_RUNTIME = Attribute(
    "runtime", Kind.STRING, "What runs it: `node`, `deno`, `bun`, `python3.12`, …", default="the toolchain's choice"
)
_ENV = Attribute("env", Kind.MAP, "Environment variables.")
_ARGS = Attribute("args", Kind.ARGUMENTS, "Command line arguments; a reference hands over the path of an output.")
_ENVIRONMENT = Attribute(
    "environment",
    Kind.STRING,
    "A named Python virtual environment, or its folder; made from `requirements.txt` or `pyproject.toml` when absent.",
)
_ROLE = Attribute("role", Kind.STRING, "What the agent is for, in free words; indexed.")
_TRAITS = Attribute("traits", Kind.STRINGS, "What the agent is like, in free words; indexed.", aliases=("trait",))
_TIMEOUT = Attribute("timeout", Kind.DURATION, "After this the whole process group is ended.", default="no limit")
_SANDBOX = Attribute(
    "sandbox",
    Kind.SANDBOXES,
    "Where it runs; a list is a chain, of which the first that works on this machine and can hold the policy is taken.",
    default='the `settings`, else `["process", "none"]`',
)

_MODULE_ATTRIBUTES = (
    Attribute(
        "source",
        Kind.SOURCE,
        "The source file, or a folder that is a whole package (`Cargo.toml`, `go.mod`, `package.json`, "
        "`pyproject.toml`).",
        aliases=("file", "source_file"),
    ),
    Attribute(
        "entry_point",
        Kind.ENTRY_POINT,
        "What to start: `path:function`, a path, or a function or binary name within `source`. "
        "A path here also serves as `source`.",
        default="the whole file, or the package's main program",
    ),
    Attribute(
        "compile",
        Kind.COMPILE,
        'Build before running; `"docker"` builds in a container.',
        default="as the language needs",
    ),
    Attribute(
        "artifact",
        Kind.PATH,
        "Where the build result is placed. For a compiled language with `compile = true` and without this attribute, "
        "`output` names the artifact, unless its suffix is that of a data file (`.json`, `.csv`, …).",
        aliases=("build_output", "compiled_output"),
    ),
    Attribute(
        "output",
        Kind.PATHS,
        "Data files that must exist, and be fresh, after the run.",
        default="found by watching what the run writes",
    ),
    Attribute("output_schema", Kind.SCHEMA, "JSON Schema that each JSON output must satisfy."),
    Attribute(
        "input",
        Kind.INPUTS,
        "Data handed to the agent. A string is a path; a list of paths and references is several inputs; "
        "any other value is handed over as JSON.",
        aliases=("inject", "inject_data"),
    ),
    Attribute(
        "inject_as",
        Kind.CHOICE,
        "How the input is handed over.",
        choices=("args", "env", "stdin", "file"),
        default="the first input's path in `TARS_INPUT`, and what it holds on stdin",
    ),
    _ARGS,
    _ENV,
    _ENVIRONMENT,
    _RUNTIME,
    Attribute("input_type", Kind.STRING, "Name of the input's type in the typed stubs."),
    Attribute("output_type", Kind.STRING, "Name of the output's type in the typed stubs."),
    _ROLE,
    _TRAITS,
    Attribute("depends_on", Kind.REFERENCES, "Modules that must succeed before this one, where no data says so."),
    _TIMEOUT,
    Attribute("retries", Kind.INTEGER, "How often it is tried again after a failure.", default="0"),
    Attribute("backoff", Kind.DURATION, "How long to wait before the first retry; doubled with each.", default='"1s"'),
    _SANDBOX,
    Attribute("cache", Kind.BOOL, "A pure module: skipped when nothing that it reads has changed.", default="true"),
    Attribute("check", Kind.BOOL, "Also run the language's type checker, where it has one.", default="false"),
    Attribute("goos", Kind.STRING, "The operating system to build for (Go)."),
    Attribute("goarch", Kind.STRING, "The processor to build for (Go)."),
    Attribute("target", Kind.STRING, "The target to build for, such as `wasm` or a Rust target triple."),
    Attribute("profile", Kind.STRING, "The build profile, such as `release` or `dev`."),
    Attribute("features", Kind.STRINGS, "Features of the package to build with."),
)

_MODULE = BlockType(
    "module",
    "An agent module in that language: `rust_module`, `python_module`, `js_module`, `ts_module`, `go_module`, "
    "`wasm_module`, and `<language>_module` of every installed toolchain.",
    labels=("name",),
    labels_min=1,
    attributes=_MODULE_ATTRIBUTES,
    blocks=(_RESOURCES,),
    referable=True,
    example='python_module "tokenizer" {\n  source      = "agents/tokenizer.py"\n  entry_point = "tokenize"\n'
    '  input       = "data/corpus.txt"\n  output      = "output/tokens.json"\n}',
)

_AGENT_MODULE = _MODULE._replace(
    name="agent_module",
    doc="An agent module whose language is an attribute.",
    attributes=(
        Attribute("language", Kind.LANGUAGE, "The language it is written in.", required=True),
        *_MODULE_ATTRIBUTES,
    ),
    example='agent_module "tokenizer" {\n  language = "python"\n  source   = "agents/tokenizer.py"\n}',
)

_AGENTIC = BlockType(
    "agentic",
    "An agent with a role: a long-lived process of the agent kernel.",
    labels=("language",),
    labels_min=1,
    attributes=(
        Attribute("name", Kind.STRING, "The agent's name.", default="the file's name without its suffix"),
        Attribute("file", Kind.SOURCE, "The source file.", aliases=("source", "source_file"), required=True),
        Attribute("entry_point", Kind.STRING, "A function in the file."),
        _ROLE,
        _TRAITS,
        _RUNTIME,
        _ARGS,
        _ENV,
        _ENVIRONMENT,
        _TIMEOUT,
        _SANDBOX,
    ),
    blocks=(_RESOURCES,),
    example='agentic "typescript" {\n  file   = "agents/reviewer.ts"\n  role   = "reviewer"\n  traits = ["careful"]\n}',
)

_BELIEF = BlockType(
    "belief",
    "One belief of a graph.",
    labels=("id",),
    labels_min=1,
    attributes=(
        Attribute("statement", Kind.STRING, "What is believed.", required=True),
        Attribute("confidence", Kind.CONFIDENCE, "How sure it is, more than 0 and less than 1.", default="0.5"),
        Attribute("supports", Kind.STRINGS, "Ids of the beliefs of this graph that it speaks for."),
        Attribute("contradicts", Kind.STRINGS, "Ids of the beliefs of this graph that it speaks against."),
        Attribute("evidence", Kind.STRINGS, "Where it comes from: paths, addresses, or words."),
    ),
)

_BELIEF_GRAPH = BlockType(
    "belief_graph",
    "Beliefs and their relations; `belief_graph.<name>.beliefs` hands them to a module as JSON.",
    labels=("name",),
    labels_min=1,
    attributes=(
        Attribute("description", Kind.STRING, "What the graph is about."),
        Attribute(
            "include",
            Kind.STRINGS,
            "Ids of beliefs in the project's memory, `*` for any letters: their confidences now go into `beliefs` and "
            "to all modules, in place of what this graph declares; `<name>.*` are its own.",
        ),
        Attribute(
            "passages",
            Kind.VALUE,
            'What agents are told beside the beliefs, as `recall("…", 5)`: it goes to all modules.',
        ),
    ),
    blocks=(_BELIEF,),
    referable=True,
    example='belief_graph "lab" {\n  belief "b1" {\n    statement  = "Caching pays off"\n    confidence = 0.8\n  }\n'
    '  belief "b2" {\n    statement   = "Every input is new"\n    confidence  = 0.2\n    contradicts = ["b1"]\n  }\n}',
)

_REFLECTION = BlockType(
    "reflection",
    "What an agent concluded; written by people and by agents.",
    labels=("name",),
    attributes=(
        Attribute("summary", Kind.STRING, "The conclusion.", required=True),
        Attribute("confidence", Kind.CONFIDENCE, "How sure it is, more than 0 and less than 1.", default="0.5"),
        Attribute("about", Kind.VALUE, "What it is about: a module, a belief, a version, or words."),
    ),
    referable=True,
    example='reflection "first_run" {\n  summary    = "The tokenizer is the bottleneck"\n  confidence = 0.7\n}',
)

_CLOSURE = BlockType(
    "closure",
    "A named inference behaviour: which engine is preferred, the prompt's template, and the form of the answer.",
    labels=("name",),
    labels_min=1,
    attributes=(
        Attribute(
            "engine",
            Kind.STRINGS,
            "The engine, or a chain of them, in order of preference.",
            default="the router's choice",
        ),
        Attribute("model", Kind.STRING, "The model.", default="the router's choice"),
        Attribute(
            "prompt", Kind.STRING, "The template of the prompt; `{{name}}` is replaced by the argument of that name."
        ),
        Attribute("output_schema", Kind.SCHEMA, "JSON Schema that the answer must satisfy."),
        Attribute("temperature", Kind.NUMBER, "How freely the model chooses.", default="0"),
        Attribute("tokens_max", Kind.INTEGER, "The longest answer, in tokens.", default="the engine's limit"),
        Attribute("seed", Kind.INTEGER, "The seed of the model's choices.", default="0"),
        Attribute("cache", Kind.BOOL, "Reuse earlier answers.", default="true"),
        Attribute(
            "cache_threshold",
            Kind.CONFIDENCE,
            "Reuse answers to all questions that are so near, whatever their words.",
            default="the same telling words",
        ),
        Attribute("retries", Kind.INTEGER, "How often a failed request is tried again.", default="0"),
        _TIMEOUT,
    ),
    referable=True,
    example='closure "review" {\n  engine = ["native", "ollama"]\n  prompt = "Judge this: {{text}}"\n}',
)

_BUDGET = BlockType(
    "budget",
    "What an evolution may spend; it ends with the first that is used up.",
    attributes=(
        Attribute("evaluations", Kind.INTEGER, "Candidates that are run.", default="no limit"),
        Attribute("time", Kind.DURATION, "Wall-clock time.", default="no limit"),
        Attribute("tokens", Kind.INTEGER, "Tokens of models.", default="no limit"),
    ),
    many=False,
)

_EVOLVE = BlockType(
    "evolve",
    "How a module, or this whole metascript, is to be improved. The label names the module or the metascript's file.",
    labels=("target",),
    labels_min=1,
    attributes=(
        Attribute("goal", Kind.STRING, "The metric to improve.", aliases=("metric",), required=True),
        Attribute(
            "direction", Kind.CHOICE, "Which way is better.", choices=("minimize", "maximize"), default='"minimize"'
        ),
        Attribute("rules", Kind.STRINGS, "Rule packs beside the built-in one."),
        Attribute("files", Kind.STRINGS, "Files of the module beside those that it imports: paths or patterns."),
        Attribute("approval", Kind.CHOICE, "Who lets a batch in.", choices=("manual", "automatic"), default='"manual"'),
        Attribute("versions_max", Kind.INTEGER, "Versions that one session may make.", default="3"),
    ),
    blocks=(_BUDGET,),
    example='evolve "tokenizer" {\n  goal = "execution_time_ms"\n  budget {\n    evaluations = 50\n  }\n}',
)

_DEPLOY = BlockType(
    "deploy",
    "Where the agents are to live, and what matters there.",
    labels=("name",),
    attributes=(
        Attribute(
            "targets",
            Kind.STRINGS,
            "Targets in order of preference: `systemd`, `docker`, `kubernetes`, …",
            required=True,
        ),
        Attribute("agents", Kind.REFERENCES, "The modules it is for.", default="all"),
        Attribute("prefer", Kind.STRINGS, "What matters most: `isolation`, `latency`, `memory`, `portability`."),
        Attribute("replicas", Kind.INTEGER, "How many of each.", default="1"),
        _ENV,
    ),
    blocks=(_RESOURCES,),
    example='deploy {\n  targets  = ["systemd", "docker"]\n  replicas = 2\n}',
)

_VALIDATION = BlockType(
    "validation",
    "What a variable's value must satisfy.",
    attributes=(
        Attribute("condition", Kind.CONDITION, "True for a good value; `var.<name>` is the value.", required=True),
        Attribute("error_message", Kind.STRING, "What is said of a bad one.", required=True),
    ),
)

_VARIABLE = BlockType(
    "variable",
    "An input: set by `--var name=value`, else by `TARS_VAR_<name>` in the environment, else by its default.",
    labels=("name",),
    labels_min=1,
    attributes=(
        Attribute(
            "type", Kind.TYPE, "The type that its value is converted to.", default="the default's type, else `string`"
        ),
        Attribute("default", Kind.VALUE, "The value where none is given.", default="none: a value must be given"),
        Attribute("description", Kind.STRING, "What it is for."),
    ),
    blocks=(_VALIDATION,),
    example='variable "threshold" {\n  type    = number\n  default = 0.5\n}',
)

_LOCALS = BlockType(
    "locals",
    "Computed values: each attribute can be named as `local.<name>`.",
    free=True,
    example='locals {\n  folder = "output/${var.stage}"\n}',
)

_OUTPUT = BlockType(
    "output",
    "A named result, shown after a run and visible to whoever includes this metascript.",
    labels=("name",),
    labels_min=1,
    attributes=(
        Attribute("value", Kind.VALUE, "The result.", required=True),
        Attribute("description", Kind.STRING, "What it is."),
    ),
    referable=True,
    example='output "tokens" {\n  value = python_module.tokenizer.output\n}',
)

_INCLUDE = BlockType(
    "include",
    "Another metascript's blocks, namespaced: `other.python_module.x.output`.",
    attributes=(
        Attribute("path", Kind.PATH, "The other metascript.", required=True),
        Attribute("as", Kind.STRING, "The namespace.", default="the file's name without `.tars`"),
        Attribute("variables", Kind.VALUE, "Values for the variables of the other metascript, as an object."),
    ),
    example='include {\n  path = "./other.tars"\n}',
)

_SETTINGS = BlockType(
    "settings",
    "How the whole metascript runs. Those of an included metascript do not count.",
    attributes=(
        Attribute("output", Kind.PATH, "The folder for versions and logs.", default='"output"'),
        Attribute(
            "sandbox",
            Kind.SANDBOXES,
            "The sandbox, or the chain, for modules that name none.",
            default='["process", "none"]',
        ),
        Attribute("jobs", Kind.INTEGER, "How many modules run at once.", default="as many as there are cores"),
        Attribute("retention", Kind.INTEGER, "How many versions `tarscli prune` keeps.", default="all"),
    ),
    many=False,
    example='settings {\n  jobs    = 4\n  sandbox = ["process", "none"]\n}',
)

ROOT: Final = BlockType(
    "",
    "A metascript.",
    blocks=(
        _MODULE, _AGENT_MODULE, _AGENTIC, _BELIEF_GRAPH, _REFLECTION, _CLOSURE, _EVOLVE, _DEPLOY, _VARIABLE, _LOCALS,
        _OUTPUT, _INCLUDE, _SETTINGS,
    ),
)  # fmt: skip
