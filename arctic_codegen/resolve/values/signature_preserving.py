"""Which decorators are known to keep the signature of what they decorate (R7, R10)?

Bare or called, on functions and on methods. The names are those under which people import them,
and those under which the libraries define them. ``signature-preserving`` in the configuration adds
to them.
"""

from __future__ import annotations

CONFIGURED = "a decorator that keeps signatures"
"""What takes the place of a name: a decorator of the project's own that is known to keep them."""


def each(modules: str, names: str) -> frozenset[str]:
    """Each of these names in each of these modules."""
    return frozenset(f"{module}.{name}" for module in modules.split() for name in names.split())


_TYPING = "typing typing_extensions"
_CONTROL = "on_main_process on_local_main_process on_last_process on_process on_local_process"

PRESERVING = frozenset({CONFIGURED}).union(
    each(_TYPING, "override no_type_check deprecated final overload"),
    each("abc _py_abc", "abstractmethod"),
    each("functools", "lru_cache cache total_ordering"),
    each("warnings _py_warnings", "deprecated"),
    each("contextlib", "ContextDecorator"),
    each("atexit", "register"),
    # PyTorch
    each("torch", "compile no_grad enable_grad inference_mode set_grad_enabled autocast"),
    each(
        "torch.autograd.grad_mode torch.autograd",
        "no_grad enable_grad inference_mode set_grad_enabled",
    ),
    each(
        "torch.amp torch.amp.autocast_mode torch.cuda.amp torch.cuda.amp.autocast_mode "
        "torch.cpu.amp torch.cpu.amp.autocast_mode",
        "autocast",
    ),
    each("torch.compiler", "disable allow_in_graph"),
    each("torch._dynamo torch._dynamo.decorators", "disable allow_in_graph"),
    each("torch torch._compile", "_disable_dynamo"),
    each("torch.jit torch._jit_internal", "ignore unused export"),
    each("torch.profiler torch.autograd.profiler", "record_function"),
    each("torch.distributed.elastic.multiprocessing.errors", "record"),
    # Trainers and what stands around them
    each(
        "lightning_utilities.core.rank_zero pytorch_lightning.utilities "
        "pytorch_lightning.utilities.rank_zero lightning.pytorch.utilities "
        "lightning.pytorch.utilities.rank_zero lightning.fabric.utilities "
        "lightning.fabric.utilities.rank_zero lightning_fabric.utilities.rank_zero",
        "rank_zero_only",
    ),
    each(
        "accelerate.Accelerator accelerate.accelerator.Accelerator accelerate.PartialState "
        "accelerate.state.PartialState accelerate.state.AcceleratorState",
        _CONTROL,
    ),
    each("accelerate.tracking", "on_main_process"),
    each("accelerate.utils accelerate.utils.operations", "verify_operation chained_operation"),
    each("accelerate.utils accelerate.utils.imports", "torchao_required deepspeed_required"),
    each(
        "transformers.utils transformers.utils.doc",
        "add_start_docstrings add_start_docstrings_to_model_forward add_end_docstrings "
        "add_code_sample_docstrings replace_return_docstrings",
    ),
    each("transformers.utils transformers.utils.import_utils", "torch_only_method"),
    each("monai.utils monai.utils.nvtx", "Range"),
    each("nvtx nvtx.nvtx", "annotate"),
    # Retries
    each("tenacity", "retry"),
    each("backoff backoff._decorator", "on_exception on_predicate"),
    each("stamina stamina._core", "retry"),
    each("retrying", "retry"),
    each("retry retry.api", "retry"),
    each("ratelimit ratelimit.decorators", "limits sleep_and_retry"),
    # Checks and deprecations
    each("beartype beartype._decor.decormain beartype._decor.decorcache", "beartype"),
    each("typeguard typeguard._decorators", "typechecked typeguard_ignore"),
    each("jaxtyping jaxtyping._decorator", "jaxtyped"),
    each(
        "pydantic pydantic.validate_call_decorator pydantic.deprecated.decorator",
        "validate_call validate_arguments",
    ),
    each("deprecated deprecated.classic deprecated.sphinx", "deprecated"),
    each("deprecated.sphinx", "versionadded versionchanged"),
    each("deprecation", "deprecated fail_if_not_removed"),
    each("overrides overrides.overrides overrides.final", "override overrides final"),
    # Caches, traces, profilers
    each("cachetools", "cached cachedmethod"),
    each("cachetools.func", "fifo_cache lfu_cache lru_cache rr_cache ttl_cache"),
    each("wrapt wrapt.caching", "lru_cache"),
    each("wrapt wrapt.decorators", "synchronized"),
    each("wrapt wrapt.wrappers wrapt.__wrapt__", "FunctionWrapper"),
    each("decorator", "decorate"),
    each("langsmith langsmith.run_helpers", "traceable"),
    each("weave weave.trace.op", "op"),
    each("mlflow mlflow.tracing mlflow.tracing.fluent", "trace"),
    each("ddtrace.tracer ddtrace._trace.tracer.Tracer ddtrace.trace.tracer", "wrap"),
    each("sentry_sdk sentry_sdk.tracing", "trace"),
    each("loguru.logger", "catch"),
    each("line_profiler memory_profiler", "profile"),
)
"""Dotted names; a method stands under its class, or under the object that the library has of it."""

RETURN_THEIR_ARGUMENT = frozenset().union(
    each(_TYPING, "override no_type_check final overload"),
    each("abc _py_abc", "abstractmethod"),
    each("overrides overrides.overrides overrides.final", "override overrides final"),
    each("atexit", "register"),
)
"""Those of ``PRESERVING`` that give back the very function that they are given."""
