"""Protobuf requests, opened one level at a time.

The generated class parses a request whole or not at all: one line with a byte that is not UTF-8, and the exporter's
whole batch is lost. Here each level is a list of byte strings, which is the same on the wire. Every record is then
parsed alone, mended alone or refused alone, and its memory is free again before the next one is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

M = TypeVar("M", bound=Message)


def _build_levels() -> tuple[Any, Any]:
    """Make the classes for the request (a list) and for what shares something (a shared part and a list)."""
    file = FileDescriptorProto(name="envelope.proto", package="hedgerow", syntax="proto3")
    plain, shared = file.message_type.add(name="Request"), file.message_type.add(name="Level")
    field = {"type": FieldDescriptorProto.TYPE_BYTES, "label": FieldDescriptorProto.LABEL_REPEATED}
    plain.field.add(name="items", number=1, **field)
    shared.field.add(name="items", number=2, **field)
    shared.field.add(name="shared", number=1, **{**field, "label": FieldDescriptorProto.LABEL_OPTIONAL})
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    request, level = (GetMessageClass(pool.FindMessageTypeByName(f"hedgerow.{name}")) for name in ("Request", "Level"))
    return request, level


def _build_byte_pool() -> DescriptorPool:
    """Make twins of OTLP's messages in which every string is bytes, so that no text can stop the parsing."""
    pool = DescriptorPool()
    for module in (common_pb2, resource_pb2, logs_pb2):
        file = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        for message in file.message_type:
            for field in message.field:
                if field.type == FieldDescriptorProto.TYPE_STRING:
                    field.type = FieldDescriptorProto.TYPE_BYTES
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def _build_record() -> Any:
    """Make a twin of LogRecord that leaves each attribute as its bytes."""
    pool = DescriptorPool()
    for module in (common_pb2, resource_pb2, logs_pb2):
        file = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        for message in file.message_type:
            for field in message.field:
                if (message.name, field.name) == ("LogRecord", "attributes"):
                    field.ClearField("type_name")
                    field.type = FieldDescriptorProto.TYPE_BYTES
        pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName(logs_pb2.LogRecord.DESCRIPTOR.full_name))


RequestEnvelope, LevelEnvelope = _build_levels()
RecordEnvelope = _build_record()
_byte_pool = _build_byte_pool()


def parse_or_mend(kind: type[M], raw: bytes) -> M:
    """Parse a message; bytes in its strings that are not UTF-8 become U+FFFD.

    Raises:
        DecodeError: it is not such a message, or nested deeper than protobuf's limit of 100.
    """
    try:
        return kind.FromString(raw)
    except DecodeError:
        twin = GetMessageClass(_byte_pool.FindMessageTypeByName(kind.DESCRIPTOR.full_name)).FromString(raw)
        _mend(twin, kind.DESCRIPTOR)
        return kind.FromString(twin.SerializeToString())


def _mend(twin: Message, true: Any) -> None:
    for field, value in twin.ListFields():
        true_field = true.fields_by_number[field.number]
        if true_field.message_type is not None:
            for item in value if field.is_repeated else (value,):
                _mend(item, true_field.message_type)
        elif true_field.type == FieldDescriptor.TYPE_STRING:
            mended = [_replace_invalid(item) for item in _as_items(field, value)]
            if field.is_repeated:
                value[:] = mended
            else:
                setattr(twin, field.name, mended[0])


def _as_items(field: FieldDescriptor, value: Any) -> Iterable[bytes]:
    return value if field.is_repeated else (value,)


def _replace_invalid(text: bytes) -> bytes:
    return text.decode("utf-8", "replace").encode()
