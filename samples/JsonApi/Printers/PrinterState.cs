using System.Text.Json.Serialization;

namespace JsonApi.Printers;

[JsonConverter(typeof(JsonStringEnumConverter<PrinterState>))]
public enum PrinterState
{
    Idle,
    Printing,
    Stopped,
}
