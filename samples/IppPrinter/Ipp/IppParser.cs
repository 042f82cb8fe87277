using System.Buffers;

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

    /// <summary>A request has a few, and an answer one for each job. Each is one octet, which is to cost no more than others do.</summary>
    public const int MaxGroups = 1000;

    private const int HeaderLength = 8;
    private const int LastDelimiter = 0x0F;

    /// <summary>The group that is being read, and in it the collections that have not ended.</summary>
    private readonly Stack<OpenAttributes> _open = [];

    /// <summary>How many octets have been taken.</summary>
    private long _taken;

    /// <summary>How many octets have to be there, from the start of the message, before it is worth looking at them again.</summary>
    private long _needed;

    /// <summary>What has been read. <see langword="null"/> until the header has arrived.</summary>
    public IppMessage? Message { get; private set; }

    /// <summary>Reads as much as there is.</summary>
    /// <param name="buffer">Begins behind the last whole field afterwards.</param>
    /// <returns>Whether the message is complete. What follows is the document.</returns>
    /// <exception cref="IppException">This is no message, or one that is too long.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer)
    {
        var available = Math.Min(_taken + buffer.Length, MaxLength);
        var isEnd = available >= _needed && TryReadFields(ref buffer, available - _taken);
        if (!isEnd && available == MaxLength)
        {
            throw TooLarge($"The attributes have more than {MaxLength} octets.");
        }

        return isEnd;
    }

    private static IppException Bad(string message) => new(IppStatus.BadRequest, message);

    private static IppException TooLarge(string message) => new(IppStatus.RequestEntityTooLarge, message);

    private bool TryReadFields(ref ReadOnlySequence<byte> buffer, long length)
    {
        var reader = new SequenceReader<byte>(buffer.Length > length ? buffer.Slice(0, length) : buffer);
        var isEnd = false;
        while (!isEnd && (Message is null ? TryReadHeader(ref reader) : TryReadField(ref reader, out isEnd)))
        {
        }

        _taken += reader.Consumed;
        buffer = buffer.Slice(reader.Position);
        return isEnd;
    }

    private bool TryReadHeader(ref SequenceReader<byte> reader)
    {
        if (!IsThere(reader, HeaderLength))
        {
            return false;
        }

        reader.TryReadBigEndian(out short version);
        reader.TryReadBigEndian(out short code);
        reader.TryReadBigEndian(out int requestId);
        Message = new(version, code, requestId);
        return true;
    }

    /// <summary>Reads the beginning of a group, or a value with its name, if it is there as a whole.</summary>
    private bool TryReadField(ref SequenceReader<byte> reader, out bool isEnd)
    {
        isEnd = false;
        if (!IsThere(reader, 1))
        {
            return false;
        }

        var ahead = reader;
        ahead.TryRead(out var tag);
        if (tag <= LastDelimiter)
        {
            EndGroup();
            isEnd = tag == (byte)IppTag.EndOfAttributes;
            if (!isEnd)
            {
                BeginGroup((IppTag)tag);
            }
        }
        else if (TryReadBlock(ref ahead, IppValueReader.MaxNameLength, out var name)
            && TryReadBlock(ref ahead, short.MaxValue, out var value))
        {
            Take((IppTag)tag, name, value);
        }
        else
        {
            return false;
        }

        reader = ahead;
        return true;
    }

    private bool TryReadBlock(ref SequenceReader<byte> reader, int maxLength, out ReadOnlySequence<byte> block)
    {
        block = default;
        if (!IsThere(reader, sizeof(short)))
        {
            return false;
        }

        reader.TryReadBigEndian(out short length);
        if (length < 0 || length > maxLength)
        {
            throw Bad($"A name or a value has {length} octets.");
        }

        return IsThere(reader, length) && reader.TryReadExact(length, out block);
    }

    private bool IsThere(in SequenceReader<byte> reader, int length)
    {
        _needed = _taken + reader.Consumed + length;
        return reader.Remaining >= length;
    }

    private void EndGroup()
    {
        if (_open.Count > 1)
        {
            throw Bad("A collection has no end.");
        }

        if (_open.TryPop(out var group))
        {
            group.End();
        }
    }

    private void BeginGroup(IppTag tag)
    {
        if (tag is 0)
        {
            throw Bad("A group has the reserved tag 0.");
        }

        if (Message!.Groups.Count == MaxGroups)
        {
            throw TooLarge($"The attributes are in more than {MaxGroups} groups.");
        }

        var group = new IppGroup(tag);
        Message.Groups.Add(group);
        _open.Push(new(group));
    }

    private void Take(IppTag tag, ReadOnlySequence<byte> name, ReadOnlySequence<byte> value)
    {
        if (!_open.TryPeek(out var attributes))
        {
            throw Bad("An attribute is in no group.");
        }

        var isMember = _open.Count > 1;
        if (isMember && !name.IsEmpty)
        {
            throw Bad("A member has its name in the wrong place.");
        }

        if (!isMember && tag is IppTag.MemberName or IppTag.EndOfCollection)
        {
            throw Bad("A member is in no collection.");
        }

        // Without a name it is one more value of the same attribute (RFC 8010 section 3.1.5).
        if (!name.IsEmpty)
        {
            attributes.Begin(IppValueReader.ReadName(name));
        }

        switch (tag)
        {
            case IppTag.MemberName:
                attributes.Begin(IppValueReader.ReadName(value));
                break;
            case IppTag.EndOfCollection:
                EndCollection(value);
                break;
            default:
                attributes.ExpectValue();
                if (tag is IppTag.Collection)
                {
                    BeginCollection(value);
                }
                else
                {
                    attributes.Add(IppValueReader.Read(tag, value));
                }

                break;
        }
    }

    private void BeginCollection(ReadOnlySequence<byte> value)
    {
        if (!value.IsEmpty)
        {
            throw Bad("The beginning of a collection has a value.");
        }

        if (_open.Count > MaxDepth)
        {
            throw Bad($"Collections are more than {MaxDepth} deep.");
        }

        // Members are collected as the attributes of a group are.
        _open.Push(new(new IppGroup(IppTag.Collection)));
    }

    private void EndCollection(ReadOnlySequence<byte> value)
    {
        if (!value.IsEmpty)
        {
            throw Bad("The end of a collection has a value.");
        }

        var collection = _open.Pop().End();
        _open.Peek().Add(IppValue.Collection(collection.Attributes));
    }

    /// <summary>The attributes of a group, or the members of a collection. The last one may get more values.</summary>
    /// <remarks>Nothing is allocated before it is needed: a group is one octet on the wire.</remarks>
    private sealed class OpenAttributes(IppGroup attributes)
    {
        private HashSet<string>? _names;
        private string? _name;
        private List<IppValue>? _values;

        public void Begin(string name)
        {
            End();
            _names ??= new(StringComparer.Ordinal);
            _name = _names.Add(name) ? name : throw Bad("An attribute or a member is there twice.");
        }

        public void ExpectValue()
        {
            if (_name is null)
            {
                throw Bad("A value has no attribute or member.");
            }
        }

        public void Add(IppValue value)
        {
            _values ??= [];
            _values.Add(value);
        }

        public IppGroup End()
        {
            if (_name is not null)
            {
                attributes.Add(_name, _values ?? throw Bad("A member has no value."));
                _name = null;
                _values = null;
            }

            return attributes;
        }
    }
}
