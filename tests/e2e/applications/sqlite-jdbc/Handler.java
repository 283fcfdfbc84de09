// SQLite in memory: the driver takes its library out of its own jar.
package demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Map;
import java.util.TreeMap;

public final class Handler {
  public Map<String, Object> handle(Map<String, Object> event) throws Exception {
    Map<String, Object> answer = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      connection.createStatement().execute("create virtual table notes using fts5(text)");
      try (PreparedStatement insert = connection.prepareStatement("insert into notes values (?)")) {
        insert.setString(1, (String) event.get("name"));
        insert.execute();
      }
      try (ResultSet found = connection.createStatement().executeQuery("select text from notes where notes match 'ada'")) {
        answer.put("found", found.next() ? found.getString(1) : "nothing");
      }
      answer.put("driver", connection.getMetaData().getDriverName());
    }
    return answer;
  }
}
