"""`regscope train`: trains a network without the page, with options or a config file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.output import check_writable_files, echo, json_option, readable_errors, writable, write_json
from dashboard.commands.training_progress import results_sentence, train_with_progress, warn_or_refuse_memory
from engine import FieldError, RunConfig, dataset_names, warnings
from engine.config import SETTINGS
from engine.data import PLANAR
from engine.errors import join_names
from engine.runs.export.weights import check_ending, save_weights
from engine.runs.store.database import store_path
from engine.runs.worker.headless import HeadlessRun
from engine.settings.kinds import Choice, Flag, Text, Widths, short_repr
from engine.settings.setting import Setting, closest_settings


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option of every setting that has one, in the order of the table."""
    for setting in reversed(list(SETTINGS.values())):
        if setting.option is not None:
            command = _option(setting)(command)
    return command


def _option(setting: Setting) -> Callable[..., Any]:
    """Return the option of a setting; its value is text, or a bool for a switch."""
    assert setting.option is not None
    if isinstance(setting.kind, Flag):
        flag_pair = f"{setting.option}/--no-{setting.option.removeprefix('--')}"
        return click.option(flag_pair, setting.name, default=None, help=setting.help)
    names = list(setting.kind.choices) if isinstance(setting.kind, Choice) else []
    text = f"{setting.help} {_data_set_names()}" if setting.name == "dataset" else setting.help
    return click.option(
        setting.option,
        setting.name,
        metavar=_metavar(setting),
        help=text,
        shell_complete=lambda context, option, start: [name for name in names if name.startswith(start)],
    )


def _metavar(setting: Setting) -> str:
    """Return the placeholder for the value of an option."""
    if isinstance(setting.kind, Choice):
        return f"[{'|'.join(setting.kind.choices)}]"
    if isinstance(setting.kind, Widths):
        return "WIDTHS|none"
    placeholder = "NAME" if isinstance(setting.kind, Text) else "NUMBER"
    return f"{placeholder}|{setting.kind.none}" if setting.kind.none else placeholder


def _data_set_names() -> str:
    return f"One of {', '.join([*dataset_names(), *PLANAR])}, or own:… for your own data."


class TrainCommand(click.Command):
    """A command that suggests the nearest option for an unknown one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; an unknown option raises `click.NoSuchOption` with a suggestion."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            nearest_options = [
                SETTINGS[name].option for name in closest_settings(error.option_name.lstrip("-"), SETTINGS)
            ]
            options = [repr(option) for option in nearest_options if option is not None]
            if not options:
                raise
            hint = f"No such option {error.option_name!r}. Did you mean {join_names(options)}?"
            raise click.NoSuchOption(error.option_name, hint, ctx=error.ctx) from None


@click.command(cls=TrainCommand)
@click.option("--config", "config_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="The config of a run as JSON or TOML; options override it.")  # fmt: skip
@setting_options
@click.option("--weights", "weights_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the weights as .npz or .safetensors; after early stopping the best ones.")  # fmt: skip
@click.option("--name", default="", help="The name of the run in the list of runs.")
@click.option("--store/--no-store", "is_stored", default=True, help="Save the run, for `regscope runs` and the page.")
@json_option
def train(
    config_file: Path | None,
    json_file: Path | None,
    weights_file: Path | None,
    name: str,
    is_stored: bool,
    **options: Any,
) -> None:
    """Train one network, with a progress bar and no page.

    By default there is no label noise, no dropout and no penalty, and all training examples are used. The run is
    saved, and can be opened on the page.
    """
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        option_values = {name: _parse_option(name, value) for name, value in options.items() if value is not None}
        config = RunConfig.from_dict({**_read_config_file(config_file), **option_values})
        check_writable_files(json=json_file, weights=weights_file)
        if weights_file:
            check_ending(weights_file)
        warn_or_refuse_memory(config)
        run = HeadlessRun(config, store_path() if is_stored else None, name=name)
        training = run.training
        for warning in warnings(config, training.data.n, training.data.dataset.features):
            echo(f"Warning: {warning}", err=True)
        train_with_progress(run)
        if weights_file:
            with writable("--weights", weights_file):
                save_weights(weights_file, training.best_parameters, training.current_config)
    early_stopping = training.early_stopping
    if early_stopping.stopped:
        echo(f"Stopped early: {early_stopping.stopped}; the best epoch was {early_stopping.best_epoch}.")
    echo(results_sentence(run))
    if json_file:
        write_json(
            json_file,
            {
                "config": config.to_dict(),
                "epochs": [snapshot.to_dict() for snapshot in run.snapshots],
                "steps": training.step,
                "training_seconds": run.update_seconds,
                "measuring_seconds": run.measuring_seconds,
            },
        )


def _parse_option(name: str, value: str | bool) -> Any:
    """Return the value of an option. Raises `FieldError`."""
    return value if isinstance(value, bool) else SETTINGS[name].parse(value)


def _read_config_file(path: Path | None) -> dict[str, Any]:
    """Return the fields in a config file. Raises `FieldError`."""
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise FieldError("--config", f"{path} must be a table in JSON or TOML ({error}): correct the file") from error
    if not isinstance(content, dict):
        raise FieldError("--config", f"{path} must be a table of fields and values, got {type(content).__name__}")
    place, config_fields = ("config in ", content["config"]) if "config" in content else ("", content)
    if extra_fields := sorted(
        name for name in content if "config" in content and name in SETTINGS and name != "epochs"
    ):
        raise FieldError(
            "--config",
            f"{path} must have all fields in config, got {', '.join(extra_fields)} outside: move them into config",
        )
    if isinstance(about := content.get("about"), dict):  # a file of `regscope runs export`
        place, config_fields = "about.config in ", about.get("config")
    if not isinstance(config_fields, dict):
        raise FieldError(
            "--config", f"{place}{path} must be a table of fields and values, got {short_repr(config_fields)}"
        )
    return config_fields
