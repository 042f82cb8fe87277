using System.Buffers;
using System.Buffers.Binary;

namespace IppPrinter.Ipp;

/// <summary>
/// Takes a message from the wire, field by field as it arrives (RFC 8010 section 3). What a field says of its own length is believed only
/// as far as the limits go.
/// </summary>
internal sealed class IppParser
{
    /// <summary>Octets of a message without its document. The attributes of a job are a few thousand.</summary>
    public const int MaxLength = 128 * 1024;

    /// <summary>Collections within collections. Those of IPP are four deep at most.</summary>
    public const int MaxDepth = 8;

    private const int HeaderLength = 8;
    private const int MaxNameLength = 255;
    private const int LastDelimiter = 0x0F;

    private readonly Stack<OpenCollection> _collections = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private IppGroup? _group;
    private string? _name;
    private List<IppValue> _values = [];
    private long _length;

    /// <summary>What has been read. <see langword="null"/> until the header has arrived.</summary>
    public IppMessage? Message { get; private set; }

    /// <summary>Reads as much as there is.</summary>
    /// <param name="reader">Stands behind the last whole field afterwards.</param>
    /// <returns>Whether the message is complete. What follows is the document.</returns>
    /// <exception cref="IppException">This is no message, or one that is too long.</exception>
    public bool TryRead(ref SequenceReader<byte> reader)
    {
        var start = reader.Consumed;
        while (true)
        {
            var position = reader.Consumed;
            var isEnd = false;
            var isRead = Message is null ? TryReadHeader(ref reader) : TryReadField(ref reader, out isEnd);
            if (_length + (isRead ? reader.Consumed - start : reader.Length - start) > MaxLength)
            {
                throw new IppException(IppStatus.RequestEntityTooLarge, $"The attributes have more than {MaxLength} octets.");
            }

            if (!isRead)
            {
                reader.Rewind(reader.Consumed - position);
                _length += position - start;
                return false;
            }

            if (isEnd)
            {
                return true;
            }
        }
    }

    private static IppException Bad(string message) => new(IppStatus.BadRequest, message);

    private static bool TryReadBlock(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> block)
    {
        block = default;
        if (!reader.TryReadBigEndian(out short length))
        {
            return false;
        }

        return length >= 0 ? reader.TryReadExact(length, out block) : throw Bad("A length is negative.");
    }

    private bool TryReadHeader(ref SequenceReader<byte> reader)
    {
        if (!reader.TryReadExact(HeaderLength, out var header))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[HeaderLength];
        header.CopyTo(octets);
        Message = new(
            BinaryPrimitives.ReadInt16BigEndian(octets),
            BinaryPrimitives.ReadInt16BigEndian(octets[2..]),
            BinaryPrimitives.ReadInt32BigEndian(octets[4..]));
        return true;
    }

    private bool TryReadField(ref SequenceReader<byte> reader, out bool isEnd)
    {
        isEnd = false;
        if (!reader.TryRead(out var tag))
        {
            return false;
        }

        if (tag <= LastDelimiter)
        {
            isEnd = BeginGroup((IppTag)tag);
            return true;
        }

        if (!TryReadBlock(ref reader, out var name) || !TryReadBlock(ref reader, out var value))
        {
            return false;
        }

        if (name.Length > MaxNameLength)
        {
            throw Bad($"The name of an attribute has {name.Length} octets.");
        }

        Take((IppTag)tag, IppValueReader.ReadText(name), value);
        return true;
    }

    private bool BeginGroup(IppTag tag)
    {
        if (_collections.Count > 0)
        {
            throw Bad("A collection has no end.");
        }

        EndAttribute();
        if (tag is IppTag.EndOfAttributes)
        {
            return true;
        }

        if (tag is 0)
        {
            throw Bad("A group has the reserved tag 0.");
        }

        _names.Clear();
        Message!.Groups.Add(_group = new(tag));
        return false;
    }

    private void Take(IppTag tag, string name, ReadOnlySequence<byte> value)
    {
        if (_group is null)
        {
            throw Bad("An attribute is in no group.");
        }

        if (_collections.TryPeek(out var collection))
        {
            TakeMember(collection, tag, name, value);
            return;
        }

        if (tag is IppTag.MemberName or IppTag.EndOfCollection)
        {
            throw Bad("A member is in no collection.");
        }

        // Without a name it is one more value of the same attribute (RFC 8010 section 3.1.5).
        if (name.Length > 0)
        {
            EndAttribute();
            _name = _names.Add(name) ? name : throw Bad("An attribute is there twice.");
        }
        else if (_name is null)
        {
            throw Bad("A value has no attribute.");
        }

        if (tag is IppTag.Collection)
        {
            Open(value);
        }
        else
        {
            _values.Add(IppValueReader.Read(tag, value));
        }
    }

    private void TakeMember(OpenCollection collection, IppTag tag, string name, ReadOnlySequence<byte> value)
    {
        if (name.Length > 0)
        {
            throw Bad("A member has its name in the wrong place.");
        }

        switch (tag)
        {
            case IppTag.MemberName:
                collection.Begin(IppValueReader.ReadText(value));
                break;
            case IppTag.EndOfCollection:
                _collections.Pop();
                var closed = IppValue.Collection(collection.End());
                if (_collections.TryPeek(out var outer))
                {
                    outer.Add(closed);
                }
                else
                {
                    _values.Add(closed);
                }

                break;
            case IppTag.Collection:
                collection.ExpectValue();
                Open(value);
                break;
            default:
                collection.Add(IppValueReader.Read(tag, value));
                break;
        }
    }

    private void Open(ReadOnlySequence<byte> value)
    {
        if (value.Length > 0)
        {
            throw Bad("The beginning of a collection has a value.");
        }

        if (_collections.Count == MaxDepth)
        {
            throw Bad($"Collections are more than {MaxDepth} deep.");
        }

        _collections.Push(new());
    }

    private void EndAttribute()
    {
        if (_name is not null)
        {
            _group!.Add(_name, _values);
            _values = [];
            _name = null;
        }
    }

    /// <summary>A collection whose end has not been read.</summary>
    private sealed class OpenCollection
    {
        private readonly List<IppAttribute> _members = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private string? _name;
        private List<IppValue> _values = [];

        public void Begin(string name)
        {
            EndMember();
            _name = name.Length > 0 && _names.Add(name) ? name : throw Bad("A member has no name, or is there twice.");
        }

        public void ExpectValue()
        {
            if (_name is null)
            {
                throw Bad("A value has no member.");
            }
        }

        public void Add(IppValue value)
        {
            ExpectValue();
            _values.Add(value);
        }

        public IReadOnlyList<IppAttribute> End()
        {
            EndMember();
            return _members;
        }

        private void EndMember()
        {
            if (_name is not null)
            {
                _members.Add(_values.Count > 0 ? new(_name, _values) : throw Bad("A member has no value."));
                _values = [];
                _name = null;
            }
        }
    }
}
