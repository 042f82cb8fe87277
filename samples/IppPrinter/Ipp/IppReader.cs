using System.Buffers;
using System.IO.Pipelines;

namespace IppPrinter.Ipp;

/// <summary>Reads a request from a connection, and leaves its document there.</summary>
internal static class IppReader
{
    /// <summary>Reads up to the end of the attributes.</summary>
    /// <param name="body">Stands at the first octet of the document afterwards.</param>
    /// <param name="parser">Has as much of the message as could be read, whatever happens.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="IppException">This is no message, or one that is too long.</exception>
    public static async Task<IppMessage> ReadAsync(PipeReader body, IppParser parser, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            var isComplete = TryRead(parser, result.Buffer, out var consumed);
            body.AdvanceTo(consumed, isComplete ? consumed : result.Buffer.End);
            if (isComplete)
            {
                return parser.Message!;
            }

            if (result.IsCompleted)
            {
                throw new IppException(IppStatus.BadRequest, "The request ends within its attributes.");
            }
        }
    }

    private static bool TryRead(IppParser parser, ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        var isComplete = parser.TryRead(ref reader);
        consumed = reader.Position;
        return isComplete;
    }
}
