"""Decorators that are known to leave the signature of what they decorate as it is (R7, R10).

Bare or called, on functions and on methods. The names are those under which people import them,
and those under which the libraries define them. ``signature-preserving`` in the configuration adds
to them.
"""

from __future__ import annotations

KEEPER = "a decorator that keeps signatures"
"""What takes the place of a name: a decorator of the project's own that is known to keep them."""


def _each(modules: str, names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module in modules.split() for name in names.split())


_TYPING = "typing typing_extensions"
_CONTROL = "on_main_process on_local_main_process on_last_process on_process on_local_process"

KEEPS = frozenset({KEEPER}).union(
    _each(_TYPING, "override no_type_check deprecated final overload"),
    _each("abc _py_abc", "abstractmethod"),
    _each("functools", "lru_cache cache total_ordering"),
    _each("warnings _py_warnings", "deprecated"),
    _each("contextlib", "ContextDecorator"),
    _each("atexit", "register"),
    # PyTorch
    _each("torch", "compile no_grad enable_grad inference_mode set_grad_enabled autocast"),
    _each(
        "torch.autograd.grad_mode torch.autograd",
        "no_grad enable_grad inference_mode set_grad_enabled",
    ),
    _each(
        "torch.amp torch.amp.autocast_mode torch.cuda.amp torch.cuda.amp.autocast_mode "
        "torch.cpu.amp torch.cpu.amp.autocast_mode",
        "autocast",
    ),
    _each("torch.compiler", "disable allow_in_graph"),
    _each("torch._dynamo torch._dynamo.decorators", "disable allow_in_graph"),
    _each("torch torch._compile", "_disable_dynamo"),
    _each("torch.jit torch._jit_internal", "ignore unused export"),
    _each("torch.profiler torch.autograd.profiler", "record_function"),
    _each("torch.distributed.elastic.multiprocessing.errors", "record"),
    # Trainers and what stands around them
    _each(
        "lightning_utilities.core.rank_zero pytorch_lightning.utilities "
        "pytorch_lightning.utilities.rank_zero lightning.pytorch.utilities "
        "lightning.pytorch.utilities.rank_zero lightning.fabric.utilities "
        "lightning.fabric.utilities.rank_zero lightning_fabric.utilities.rank_zero",
        "rank_zero_only",
    ),
    _each(
        "accelerate.Accelerator accelerate.accelerator.Accelerator accelerate.PartialState "
        "accelerate.state.PartialState accelerate.state.AcceleratorState",
        _CONTROL,
    ),
    _each("accelerate.tracking", "on_main_process"),
    _each("accelerate.utils accelerate.utils.operations", "verify_operation chained_operation"),
    _each("accelerate.utils accelerate.utils.imports", "torchao_required deepspeed_required"),
    _each(
        "transformers.utils transformers.utils.doc",
        "add_start_docstrings add_start_docstrings_to_model_forward add_end_docstrings "
        "add_code_sample_docstrings replace_return_docstrings",
    ),
    _each("transformers.utils transformers.utils.import_utils", "torch_only_method"),
    _each("monai.utils monai.utils.nvtx", "Range"),
    _each("nvtx nvtx.nvtx", "annotate"),
    # Retries
    _each("tenacity", "retry"),
    _each("backoff backoff._decorator", "on_exception on_predicate"),
    _each("stamina stamina._core", "retry"),
    _each("retrying", "retry"),
    _each("retry retry.api", "retry"),
    _each("ratelimit ratelimit.decorators", "limits sleep_and_retry"),
    # Checks and deprecations
    _each("beartype beartype._decor.decormain beartype._decor.decorcache", "beartype"),
    _each("typeguard typeguard._decorators", "typechecked typeguard_ignore"),
    _each("jaxtyping jaxtyping._decorator", "jaxtyped"),
    _each(
        "pydantic pydantic.validate_call_decorator pydantic.deprecated.decorator",
        "validate_call validate_arguments",
    ),
    _each("deprecated deprecated.classic deprecated.sphinx", "deprecated"),
    _each("deprecated.sphinx", "versionadded versionchanged"),
    _each("deprecation", "deprecated fail_if_not_removed"),
    _each("overrides overrides.overrides overrides.final", "override overrides final"),
    # Caches, traces, profilers
    _each("cachetools", "cached cachedmethod"),
    _each("cachetools.func", "fifo_cache lfu_cache lru_cache rr_cache ttl_cache"),
    _each("wrapt wrapt.caching", "lru_cache"),
    _each("wrapt wrapt.decorators", "synchronized"),
    _each("wrapt wrapt.wrappers wrapt.__wrapt__", "FunctionWrapper"),
    _each("decorator", "decorate"),
    _each("langsmith langsmith.run_helpers", "traceable"),
    _each("weave weave.trace.op", "op"),
    _each("mlflow mlflow.tracing mlflow.tracing.fluent", "trace"),
    _each("ddtrace.tracer ddtrace._trace.tracer.Tracer ddtrace.trace.tracer", "wrap"),
    _each("sentry_sdk sentry_sdk.tracing", "trace"),
    _each("loguru.logger", "catch"),
    _each("line_profiler memory_profiler", "profile"),
)
"""Dotted names; a method stands under its class, or under the object that the library has of it."""

MARKS = frozenset().union(
    _each(_TYPING, "override no_type_check final overload"),
    _each("abc _py_abc", "abstractmethod"),
    _each("overrides overrides.overrides overrides.final", "override overrides final"),
    _each("atexit", "register"),
)
"""Those of ``KEEPS`` that give back the very function that they are given."""

MAKERS = _each("wrapt wrapt.decorators", "decorator") | _each("decorator", "decorator decoratorx")
"""What makes such a decorator of a function that calls what it is given."""
KNOWN = KEEPS | MAKERS
LAST = frozenset(name.rpartition(".")[2] for name in KNOWN)
