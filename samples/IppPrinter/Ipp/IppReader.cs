using System.IO.Pipelines;

namespace IppPrinter.Ipp;

/// <summary>Reads a request from a connection, and leaves its document there.</summary>
internal static class IppReader
{
    /// <summary>Reads up to the end of the attributes.</summary>
    /// <param name="body">Stands at the first octet of the document afterwards. It can be read on after a failure, too.</param>
    /// <param name="parser">Has as much of the message as could be read, whatever happens.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="IppException">This is no message, or one that is too long.</exception>
    public static async Task<IppMessage> ReadAsync(PipeReader body, IppParser parser, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var examined = buffer.Start;
            try
            {
                if (parser.TryRead(ref buffer))
                {
                    examined = buffer.Start;
                    return parser.Message!;
                }

                examined = buffer.End;
            }
            finally
            {
                body.AdvanceTo(buffer.Start, examined);
            }

            if (result.IsCompleted)
            {
                throw new IppException(IppStatus.BadRequest, "The request ends within its attributes.");
            }
        }
    }
}
