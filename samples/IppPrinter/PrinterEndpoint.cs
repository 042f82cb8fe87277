using IppPrinter.Ipp;
using IppPrinter.Operations;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace IppPrinter;

/// <summary>IPP over HTTP (RFC 8010 section 4): a request and an answer in one POST.</summary>
internal sealed partial class PrinterEndpoint(OperationRouter router, ILogger<PrinterEndpoint> logger)
{
    public const string MediaType = "application/ipp";

    public async Task AnswerAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // A document may be longer than Kestrel takes by default. The printer's own limit is MaxDocumentLength.
            size.MaxRequestBodySize = null;
        }

        var parser = new IppParser();
        IppMessage answer;
        try
        {
            var body = context.Request.BodyReader;
            var message = await IppReader.ReadAsync(body, parser, context.RequestAborted);
            if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                // A client may render the document while it sends. The printer's own limit is ClientTimeout.
                rate.MinDataRate = null;
            }

            answer = await router.RunAsync(message, body.AsStream(leaveOpen: true), new PrinterAddress(context), context.RequestAborted);
        }
        catch (IppException refusal)
        {
            Log.Refused(logger, parser.Message?.Operation, refusal.Status, refusal.Message);
            answer = Answer.To(parser.Message, refusal.Status, refusal.Message, refusal.Unsupported);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            Log.Vanished(logger, parser.Message?.Operation);
            return;
        }
#pragma warning disable CA1031 // Whatever it is, the client is told in its own protocol.
        catch (Exception exception) when (exception is not BadHttpRequestException)
#pragma warning restore CA1031
        {
            Log.Failed(logger, parser.Message?.Operation, exception);
            answer = Answer.To(parser.Message, IppStatus.InternalError);
        }

        context.Response.ContentType = MediaType;
        IppWriter.Write(answer, context.Response.BodyWriter);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A request was refused ({Operation}: {Status}). {Reason}")]
        public static partial void Refused(ILogger logger, IppOperation? operation, IppStatus status, string reason);

        [LoggerMessage(3, LogLevel.Error, "A request failed ({Operation}).")]
        public static partial void Failed(ILogger logger, IppOperation? operation, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "A client vanished ({Operation}).")]
        public static partial void Vanished(ILogger logger, IppOperation? operation);
    }
}
