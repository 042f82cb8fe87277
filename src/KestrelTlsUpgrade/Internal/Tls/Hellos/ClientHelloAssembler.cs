using System.Buffers;
using System.Buffers.Binary;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>
/// Assembles a ClientHello from records and segments. Record headers are not part of the handshake transcript (RFC 8446 sections 4.4.1,
/// 5.1), so anyone on the path can split a genuine message into more records. A message in one record is parsed in place; a fragmented one
/// is collected and passed on as one record.
/// </summary>
internal sealed class ClientHelloAssembler
{
    /// <summary>Maximum length of the message with its header: the capacity of one record.</summary>
    public const int MaxMessageLength = 16 * 1024;

    /// <summary>Maximum number of octets on the wire, including all record headers.</summary>
    public const int MaxWireLength = 64 * 1024;

    private const byte AlertRecord = 0x15;
    private const byte HandshakeRecord = 0x16;
    private const byte MajorVersion = 0x03;
    private const byte ClientHelloMessage = 1;
    private const int RecordHeaderLength = 5;
    private const int MessageHeaderLength = 4;

    private byte[] _record = [];
    private int _messageLength = MessageHeaderLength;
    private int _collected;
    private int _recordRest;
    private int _wireLength;
    private bool _isInPieces;

    /// <summary>The message, once it is complete.</summary>
    public ClientHello? Hello { get; private set; }

    /// <summary>The collected message as one record, if it was fragmented. Otherwise empty: the message is still in the input.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>Processes received data.</summary>
    /// <param name="buffer">The data that has been received but not consumed.</param>
    /// <param name="consumed">The end of the data that has been collected. It must not be passed again.</param>
    public ClientHelloProgress Take(in ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        var progress = _isInPieces ? Collect(ref reader) : TakeOneRecord(ref reader);
        consumed = reader.Position;
        return progress;
    }

    /// <summary>The usual case: one record that contains exactly the message. Consumes nothing.</summary>
    private ClientHelloProgress TakeOneRecord(ref SequenceReader<byte> reader)
    {
        if (!reader.TryPeek(out var type))
        {
            return ClientHelloProgress.Incomplete;
        }

        if (type is not HandshakeRecord)
        {
            return type is AlertRecord ? ClientHelloProgress.Alert : ClientHelloProgress.NotTls;
        }

        Span<byte> start = stackalloc byte[RecordHeaderLength + MessageHeaderLength];
        start = start[..(int)Math.Min(reader.Remaining, start.Length)];
        reader.TryCopyTo(start);
        if (start.Length < RecordHeaderLength)
        {
            return ClientHelloProgress.Incomplete;
        }

        var recordLength = ReadRecordLength(start);
        if (recordLength is 0 || (start.Length > RecordHeaderLength && start[RecordHeaderLength] is not ClientHelloMessage))
        {
            return ClientHelloProgress.Unreadable;
        }

        if (recordLength >= MessageHeaderLength)
        {
            if (start.Length < RecordHeaderLength + MessageHeaderLength)
            {
                return ClientHelloProgress.Incomplete;
            }

            var messageLength = ReadMessageLength(start[RecordHeaderLength..]);
            if (messageLength is 0 || recordLength > messageLength)
            {
                return ClientHelloProgress.Unreadable;
            }

            if (recordLength == messageLength)
            {
                return reader.Remaining < RecordHeaderLength + messageLength
                    ? ClientHelloProgress.Incomplete
                    : Complete(reader.Sequence.Slice(RecordHeaderLength, messageLength));
            }
        }

        _isInPieces = true;
        _record = new byte[RecordHeaderLength + MessageHeaderLength];
        return Collect(ref reader);
    }

    /// <summary>Collects records one by one, each octet once.</summary>
    private ClientHelloProgress Collect(ref SequenceReader<byte> reader)
    {
        Span<byte> header = stackalloc byte[RecordHeaderLength];
        while (_collected < _messageLength)
        {
            if (_recordRest == 0)
            {
                if (!reader.TryCopyTo(header))
                {
                    return ClientHelloProgress.Incomplete;
                }

                if (!TryBeginRecord(header))
                {
                    return ClientHelloProgress.Unreadable;
                }

                reader.Advance(RecordHeaderLength);
            }

            // Data after the message in its last record would have to follow it in our record too.
            if (_collected >= MessageHeaderLength && _recordRest > _messageLength - _collected)
            {
                return ClientHelloProgress.Unreadable;
            }

            var count = (int)Math.Min(Math.Min(_recordRest, _messageLength - _collected), reader.Remaining);
            if (count == 0)
            {
                return ClientHelloProgress.Incomplete;
            }

            reader.TryCopyTo(_record.AsSpan(RecordHeaderLength + _collected, count));
            reader.Advance(count);
            _collected += count;
            _recordRest -= count;
            if (_record[RecordHeaderLength] is not ClientHelloMessage || (_collected == MessageHeaderLength && !TryBeginMessage()))
            {
                return ClientHelloProgress.Unreadable;
            }
        }

        BinaryPrimitives.WriteUInt16BigEndian(_record.AsSpan(3), (ushort)_messageLength);
        var progress = Complete(new ReadOnlySequence<byte>(_record, RecordHeaderLength, _messageLength));
        Record = Hello is null ? default : _record;
        return progress;
    }

    /// <summary>Reads a record header. Returns false if the record cannot be part of the message, or the limit is exceeded.</summary>
    private bool TryBeginRecord(ReadOnlySpan<byte> header)
    {
        if (_collected == 0)
        {
            header.CopyTo(_record);
        }

        _recordRest = header[0] is HandshakeRecord ? ReadRecordLength(header) : 0;
        _wireLength += RecordHeaderLength + _recordRest;
        return _recordRest > 0 && _wireLength <= MaxWireLength;
    }

    /// <summary>Reads the message header. Returns false if the message is too long.</summary>
    private bool TryBeginMessage()
    {
        _messageLength = ReadMessageLength(_record.AsSpan(RecordHeaderLength, MessageHeaderLength));
        if (_messageLength == 0)
        {
            return false;
        }

        Array.Resize(ref _record, RecordHeaderLength + _messageLength);
        return true;
    }

    private ClientHelloProgress Complete(in ReadOnlySequence<byte> message)
    {
        Hello = ClientHelloParser.Parse(message.IsSingleSegment ? message.FirstSpan : message.ToArray());
        return Hello is null ? ClientHelloProgress.Unreadable : ClientHelloProgress.Complete;
    }

    /// <summary>The length of the record's content, or 0 if it is not allowed (RFC 8446 section 5.1).</summary>
    private static int ReadRecordLength(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        return header[1] is MajorVersion && length <= MaxMessageLength ? length : 0;
    }

    /// <summary>The length of the message including its header, or 0 if it is too long.</summary>
    private static int ReadMessageLength(ReadOnlySpan<byte> header)
    {
        var length = MessageHeaderLength + (header[1] << 16 | header[2] << 8 | header[3]);
        return length <= MaxMessageLength ? length : 0;
    }
}
