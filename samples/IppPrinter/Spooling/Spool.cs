using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using IppPrinter.Ipp;
using Microsoft.Extensions.Options;

namespace IppPrinter.Spooling;

/// <summary>
/// The folder that documents are put into. A document appears there under its name when all of it is on disk. Whatever goes wrong before
/// leaves nothing.
/// </summary>
internal sealed partial class Spool : IDisposable
{
    private const string Incoming = ".incoming-";
    private const int BufferLength = 64 * 1024;

    private readonly string _folder;
    private readonly PrinterOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    public Spool(IOptions<PrinterOptions> options, IHostEnvironment environment, TimeProvider timeProvider, ILogger<Spool> logger)
    {
        _options = options.Value;
        _timeProvider = timeProvider;
        _logger = logger;
        _folder = Path.GetFullPath(_options.Spool, environment.ContentRootPath);
        Directory.CreateDirectory(_folder);
        Numbers = new(_folder);
        foreach (var leftover in Directory.EnumerateFiles(_folder, Incoming + "*"))
        {
            // The printer was stopped before it was whole.
            Delete(leftover);
        }
    }

    public JobNumbers Numbers { get; }

    public void Dispose() => Numbers.Dispose();

    /// <summary>Writes a document as it arrives.</summary>
    /// <returns>The document, or <see langword="null"/> if there is none.</returns>
    /// <exception cref="IppException">The document cannot be taken.</exception>
    public async Task<SpooledDocument?> WriteAsync(IncomingDocument document, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, Incoming + Guid.NewGuid().ToString("N"));
        try
        {
            var (detected, length) = await CopyAsync(document, path, cancellationToken);
            if (detected is null)
            {
                return null;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{document.Job:D5}-{document.Number}{detected.Extension}");
            await WriteAsync(() =>
            {
                File.Move(path, Path.Combine(_folder, name));
                return ValueTask.CompletedTask;
            });
            return new(name, length, detected.MediaType);
        }
        catch
        {
            Delete(path);
            throw;
        }
    }

    /// <summary>Removes what a job has put here.</summary>
    public void Delete(IEnumerable<SpooledDocument> documents)
    {
        foreach (var document in documents)
        {
            Delete(Path.Combine(_folder, document.FileName));
        }
    }

    private static Stream Decompress(Stream content, string compression) => compression switch
    {
        "gzip" => new GZipStream(content, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new DeflateStream(content, CompressionMode.Decompress, leaveOpen: true),
        _ => content,
    };

    /// <summary>What cannot be deleted is left: the job is over in any case.</summary>
    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone with the folder.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(_logger, exception, path);
        }
    }

    /// <summary>A disk that is full, or gone, is for the client a reason to try again (RFC 8011 appendix B.1.5.6).</summary>
    private async ValueTask WriteAsync(Func<ValueTask> write)
    {
        try
        {
            await write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(_logger, exception, _folder);
            throw new IppException(IppStatus.TemporaryError, "The document cannot be stored.");
        }
    }

    private async Task<(DocumentFormat? Format, long Length)> CopyAsync(IncomingDocument document, string path, CancellationToken cancellationToken)
    {
        var format = document.Format;
        using var patience = new CancellationTokenSource(_options.ClientTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        FileStream? file = null;
        try
        {
            await using var plain = Decompress(document.Content, document.Compression);
            var count = await ReadAsync(DocumentFormat.LongestBeginning);
            if (count == 0 && document.MayBeMissing)
            {
                return (null, 0);
            }

            var detected = DocumentFormat.Detect(buffer.AsSpan(0, count));
            if (detected is null || (format is not null && format != detected))
            {
                throw count == 0
                    ? new IppException(IppStatus.BadRequest, "There is no document.")
                    : new IppException(
                        format is null ? IppStatus.DocumentFormatNotSupported : IppStatus.DocumentFormatError,
                        $"The document does not begin as one of type {format?.MediaType ?? "that can be printed"}.");
            }

            await WriteAsync(() =>
            {
                file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
                return ValueTask.CompletedTask;
            });
            long length = 0;
            while (count > 0)
            {
                if (!document.IsWanted())
                {
                    throw new IppException(IppStatus.JobCanceled, "The job has been canceled.");
                }

                length += count;
                if (length > _options.MaxDocumentLength)
                {
                    throw new IppException(
                        IppStatus.RequestEntityTooLarge, $"The document has more than {_options.MaxDocumentLength} octets (MaxDocumentLength).");
                }

                await WriteAsync(() => file!.WriteAsync(buffer.AsMemory(0, count), cancellationToken));
                count = await ReadAsync(1);
            }

            await WriteAsync(() =>
            {
                file!.Flush(flushToDisk: true);
                return ValueTask.CompletedTask;
            });
            return (detected, length);

            async ValueTask<int> ReadAsync(int minimum)
            {
                patience.CancelAfter(_options.ClientTimeout);
                try
                {
                    var read = await plain.ReadAtLeastAsync(buffer, minimum, throwOnEndOfStream: false, either.Token);

                    // The disk may take longer than the client may.
                    patience.CancelAfter(Timeout.InfiniteTimeSpan);
                    return read;
                }
                catch (InvalidDataException)
                {
                    throw new IppException(IppStatus.CompressionError, $"The document is not compressed with {document.Compression}, or not whole.");
                }
                catch (OperationCanceledException) when (patience.IsCancellationRequested)
                {
                    throw new IppException(IppStatus.Timeout, $"The client sent nothing for {_options.ClientTimeout} (ClientTimeout).");
                }
            }
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A document cannot be stored in {Folder}.")]
        public static partial void NotWritten(ILogger logger, Exception exception, string folder);

        [LoggerMessage(2, LogLevel.Warning, "{Path} cannot be deleted.")]
        public static partial void NotDeleted(ILogger logger, Exception exception, string path);
    }
}
